"""The errors of this room: a network that can't be, said in one line."""


class NetError(ValueError):
    """What is wrong, where, and what would do. The text is one line, fit to be shown as it is."""


class MapTooSmall(NetError):
    """A window is larger than the map it slides over: a larger input would do."""
