from resviz.api import Explorer as Explorer
from resviz.api import UnusedParameters as UnusedParameters
from resviz.api import build as build
from resviz.api import capture as capture
from resviz.api import count as count
from resviz.api import explore as explore
from resviz.api import recognise as recognise
from resviz.api import watch as watch

__version__: str
