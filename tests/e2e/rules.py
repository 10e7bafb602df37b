"""What the Plex stand-in makes of a value, for its switches 'respells' and 'refuses'."""


def curly(text):
    """A typographic apostrophe for the typewriter's."""
    return text.replace("'", "\u2019")


def refuse(*values, status=409):
    """Refuses these values."""
    return lambda value: status if value in values else None
