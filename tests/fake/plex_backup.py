"""A backup of Plex's database, which Plex makes every three days and offers to put back.

Everything is as it was: values, locks, counters, times, row numbers. Files on disk are no part of it. The items
and libraries are the same objects afterwards, so that a test may go on with what it holds; one that came since
the backup is in no library any more.
"""

import copy

ITEM_SKIPS = {"library", "version"}
LIBRARY_SKIPS = {"catalogue", "id", "uuid", "revision", "fragments", "sorted", "disk", "gone", "_by_name"}


class Backup:
    """What a Catalogue holds at this moment."""

    def __init__(self, catalogue):
        self.catalogue = catalogue
        with catalogue.lock:
            catalogue.settle()
            # By list, since rows may be nobody's key: seasons, collections.
            self.libraries = dict(catalogue.libraries)
            self.by_key = dict(catalogue.by_key)
            self.ids = dict(catalogue._ids)             # pylint: disable=protected-access
            self.sections = [(library, self._copy({name: value for name, value in vars(library).items()
                                                   if name not in LIBRARY_SKIPS}))
                             for library in self.libraries.values()]
            self.items = [(item, self._copy({name: getattr(item, name) for name in self._slots(item)}))
                          for item in self.by_key.values()]

    @staticmethod
    def _slots(item):
        return [name for name in type(item).__slots__ if name not in ITEM_SKIPS]

    def _copy(self, values):
        """A copy of what can change; rows that others hold too stay themselves."""
        stay = [self.catalogue, *self.libraries.values(), *self.by_key.values(),
                *self.catalogue._tags.values()]         # pylint: disable=protected-access
        return copy.deepcopy(values, {id(row): row for row in stay})

    def restore(self):
        """Puts it back; it can be put back again."""
        with self.catalogue.lock:
            self.catalogue.libraries = dict(self.libraries)
            self.catalogue.by_key = dict(self.by_key)
            self.catalogue._ids = dict(self.ids)        # pylint: disable=protected-access
            for item, values in self.items:
                for name, value in self._copy(values).items():
                    setattr(item, name, value)
                item.version += 1
            for library, values in self.sections:
                vars(library).update(self._copy(values))
                library.revision += 1
                library.fragments.clear()
                library.files_changed()
