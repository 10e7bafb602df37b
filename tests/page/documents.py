"""Documents as the executable answers them, of the shapes that the design gives: where a test is about what
no stand-in brings about in a moment, such as a week of pushes, or about what the page makes of an answer."""

import time

URL = "https://app.plex.tv/desktop/#!/server/4f1c/details?key=%2Flibrary%2Fmetadata%2F55"     # of item 55


def week(now=None):
    """Hours with pushes in the last week."""
    hour = int(now or time.time()) // 3600 * 3600
    return [{"t": hour - 3600 * back, "synced": 3 + back % 7, "unchanged": back % 3, "failed": int(back % 11 == 0),
             "p50": 40 + back % 13, "p95": 120 + 9 * (back % 17)} for back in range(150, -1, -3)]


def status(**more):
    """The status of a house where all is well."""
    return {"version": "0.1.0", "drain": {"state": "idle", "done": 0, "total": 0},
            "queue": {"ready": 0, "due": 0, "waiting": 0, "failed": 0},
            "needs": {"undecided": 0, "troubled": 0, "unmatched": 0},
            "match_cache": {"hits": 312, "misses": 1, "entries": 313},
            "library_cache": {"hits": 90, "misses": 10, "items": 1204, "age_s": 12},
            "plex": {"breaker": "closed"}, "totals": {"synced": 240, "unchanged": 60, "failed": 2},
            "timing_ms": {"sync": {"count": 240, "p50": 40, "p95": 120, "max": 900}},
            "series": {"bucket_s": 3600, "points": week()},
            "steps": {"stash": 600, "match": 100, "plex_get": 1200, "plan": 10, "plex_put": 4100},
            "rows": [], "found": 0, **more}


def outcome(number, result="synced", **more):
    """What sync-scene answers, and what is like it."""
    return {"scene_id": str(number), "result": result, "fields": [], "kept": [], "items": [], "candidates": [],
            "dry_run": False, "ms": 12.3, **more}


def entry(number, **more):
    """An entry of the activity."""
    return {"id": number, "at": "2026-11-28T16:20:00Z", "run": 3, "scene_id": "45", "title": "Harbour Lights",
            "result": "synced", "items": [{"key": "55", "library": "Films", "url": URL}],
            "changes": [{"field": "title", "before": "harbour.lights.2019", "after": "Harbour Lights"},
                        {"field": "tags", "before": [], "after": ["Drama", "Sea"]}],
            "kept": [], "reason": None, "ms": 84.2, **more}


def explained(number, **more):
    """What explain says of a scene."""
    return {"lines": [f'Scene {number} "Harbour Lights"', "Verdict: synced"],
            "verdict": outcome(number, items=[{"key": "55", "library": "Films", "url": URL, "rule": "path",
                                               "confidence": "high"}]),
            "fields": [{"key": "55", "field": "title", "stash": "Harbour Lights", "plex": "harbour.lights", "base": None,
                        "verdict": "write", "why": "it was never pushed"},
                       {"key": "55", "field": "tags", "stash": ["Drama", "Sea"], "plex": ["Drama"], "base": None,
                        "verdict": "keep", "why": "edited in Plex"},
                       {"key": "55", "field": "rating", "stash": None, "plex": None, "base": None, "verdict": "same", "why": ""}],
            **more}


def finding(about, level="ok", text="all is well", setting=None, remedy=None, value=None):
    """A finding of doctor."""
    return {"about": about, "level": level, "setting": setting, "text": text, "remedy": remedy, "value": value}


def doctor(*findings):
    """All findings."""
    return {"findings": list(findings) or [finding("plex", text='"Cellar", version 1.43', setting="connectUrl")]}
