"""The nets that have a name: those of the papers, and torchvision's variants of them.

A name is fixed, or a pattern with numbers in it; `families` has the table of each. One that starts with
"torchvision-" is the net that has weights there.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.families import classics, resnet_vgg

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.nets.spec import NetSpec

CIFAR_DEPTHS = (20, 32, 44, 56, 110, 1202)
"""The depths that the paper trains (table 6); every 6n+2 from 20 to 1202 has a name here."""
_CIFAR_MIN, _CIFAR_MAX = 20, 1202
_CIFAR_BOTTLENECKS = (164, 1001)
"""Depths of which "Identity Mappings" has bottlenecks (table 4), whatever they are divisible by."""
_DEEPEST_PERCEPTRON = 200
_FRACTAL_DEPTHS = (5, 10, 20, 40, 80)
"""First letters that a name shares with those it may have been meant for."""
_WIDEST, _MAX_GROUPS = 64, 256
_VGG_BN = ("11", "13", "16", "19")


def _fixed() -> dict[str, NetSpec]:
    resnets = [resnet_vgg.imagenet("resnet", depth) for depth in (18, 34, 50, 101, 152)]
    vggs = [resnet_vgg.vgg(key) for key in resnet_vgg.VGG]
    normalised = [resnet_vgg.vgg(key, normalised=True) for key in _VGG_BN]
    wide = [resnet_vgg.wide_resnet(50, 2), resnet_vgg.wide_resnet(101, 2)]
    resnexts = [resnet_vgg.resnext(50, 32, 4), resnet_vgg.resnext(101, 32, 4)]
    plain = [resnet_vgg.imagenet("plain", depth) for depth in (18, 34)]
    preactivation = [resnet_vgg.imagenet("preresnet", depth) for depth in (18, 34, 50, 101, 152, 200)]
    published = [*resnets, *(spec for spec in vggs if spec.name != "vgg16c"), *normalised, *wide]
    torchvisions = [classics.torchvision_alexnet(), *map(classics.torchvision_googlenet, (False, True))]
    published += [resnet_vgg.resnext(50, 32, 4), resnet_vgg.resnext(101, 32, 8), resnet_vgg.resnext(101, 64, 4)]
    early = [classics.lenet(), classics.alexnet(), classics.alexnet(groups=2), classics.zfnet(), resnet_vgg.vgg_lrn()]
    early += [classics.googlenet(), classics.googlenet(auxiliary=True), *map(classics.prelu_net, classics.PRELU)]
    later = [resnet_vgg.resnet_d(depth) for depth in (50, 101, 152)]
    later += [classics.fully_convolutional(resnet_vgg.imagenet("resnet", 101), stride) for stride in (32, 16, 8)]
    later += [classics.fully_convolutional(resnet_vgg.vgg("16"), stride) for stride in (32, 16, 8)]
    later.append(classics.faster_rcnn(resnet_vgg.imagenet("resnet", 101)))
    own = [*resnets, *plain, *vggs, *normalised, *preactivation, *resnexts, *wide, *early, *later]
    return {spec.name: spec for spec in (*own, *map(resnet_vgg.torchvision, published), *torchvisions)}


_NAMED = _fixed()


@dataclass(frozen=True)
class _Pattern:
    """Names with numbers in them: what makes the net of them, and why there is none of some."""

    pattern: re.Pattern[str]
    make: Callable[..., NetSpec]


def _cifar(unit: str, number: str) -> NetSpec:
    depth = int(number)
    if depth in _CIFAR_BOTTLENECKS and unit in ("resnet", "preresnet"):
        return resnet_vgg.cifar_bottleneck(unit, depth)
    if depth % 6 == 2 and _CIFAR_MIN <= depth <= _CIFAR_MAX:
        return resnet_vgg.cifar(unit, depth)
    if depth < _CIFAR_MIN or depth > _CIFAR_MAX:
        raise NetError(
            _("Depth {depth} is out of range. Use 6n+2 from {least} to {most}.").format(
                depth=depth, least=_CIFAR_MIN, most=_CIFAR_MAX
            )
        )
    below = depth - (depth - 2) % 6
    raise NetError(
        _("Depth {depth} is not 6n+2. Use {below} or {above}.").format(depth=depth, below=below, above=below + 6)
    )


def _wide(number: str, width: str) -> NetSpec:
    depth, factor = int(number), int(width)
    if depth % 6 != 4 or not 10 <= depth <= _CIFAR_MAX or not 1 <= factor <= _WIDEST:
        raise NetError(
            _(
                "WRN-{depth}-{factor} does not exist. Use a depth of 6n+4 from 10 on and a width of 1 to "
                "{widest}, like 28-10."
            ).format(depth=depth, factor=factor, widest=_WIDEST)
        )
    return resnet_vgg.cifar_wide_resnet(depth, factor)


def _placement(number: str, key: str) -> NetSpec:
    return resnet_vgg.placement(_cifar("resnet", number), key)


def _fractal(number: str) -> NetSpec:
    if int(number) not in _FRACTAL_DEPTHS:
        raise NetError(
            _("Depth {depth} does not exist. Five blocks of 2^(C-1) layers have a depth of {depths}.").format(
                depth=number, depths=", ".join(map(str, _FRACTAL_DEPTHS))
            )
        )
    return classics.fractalnet(int(number))


def _resnext(number: str, groups: str, width: str) -> NetSpec:
    cardinality, filters = int(groups), int(width)
    if not (1 <= cardinality <= _MAX_GROUPS and 1 <= filters <= _MAX_GROUPS):
        raise NetError(
            _(
                "{cardinality}x{filters}d is out of range. Use 1 to {most} groups of 1 to {most} filters, like 32x4d."
            ).format(cardinality=cardinality, filters=filters, most=_MAX_GROUPS)
        )
    return resnet_vgg.resnext(int(number), cardinality, filters)


def _perceptron(highway: str | None, number: str) -> NetSpec:
    if not 1 <= int(number) <= _DEEPEST_PERCEPTRON:
        raise NetError(
            _("{count} layers are out of range. Use 1 to {most}.").format(count=number, most=_DEEPEST_PERCEPTRON)
        )
    return (classics.highway_perceptron if highway else classics.perceptron)(int(number))


_PATTERNS = (
    _Pattern(re.compile(r"cifar-(resnet|plain|preresnet|highway)(\d{1,6})", re.ASCII), _cifar),
    _Pattern(re.compile(r"cifar-wrn(\d{1,4})-(\d{1,3})", re.ASCII), _wide),
    _Pattern(re.compile(r"resnext(50|101|152)-(\d{1,3})x(\d{1,3})d", re.ASCII), _resnext),
    _Pattern(re.compile(r"cifar-fractalnet(\d{1,3})", re.ASCII), _fractal),
    _Pattern(re.compile(rf"cifar-resnet(\d{{1,6}})-({'|'.join(resnet_vgg.PLACEMENTS)})", re.ASCII), _placement),
    _Pattern(re.compile(r"(highway-)?mlp(\d{1,3})", re.ASCII), _perceptron),
)


def names() -> tuple[str, ...]:
    """Return every fixed name, and of the patterns the nets that the papers train."""
    cifar = [f"cifar-{unit}{depth}" for unit in ("resnet", "plain") for depth in CIFAR_DEPTHS]
    later = [f"cifar-preresnet{depth}" for depth in (20, 110, *_CIFAR_BOTTLENECKS)]
    later += [f"cifar-resnet110-{key}" for key in resnet_vgg.PLACEMENTS]
    others = ("cifar-highway20", "cifar-highway32", "cifar-wrn40-4", "cifar-wrn28-10", "cifar-fractalnet20")
    return (*_NAMED, *cifar, *later, *others, "cifar-fractalnet40", "mlp5", "highway-mlp10")


def find(name: str) -> NetSpec:
    """Return the spec of a name. Raise NetError, with the nearest names of its family, if the name is not known."""
    return _find(canonical_name(name))


def canonical_name(name: str) -> str:
    """Return the catalogue's name for a name as people type it: ResNet50, wide_resnet50_2, vgg16_bn, resnet20.

    "resnet20" is cifar-resnet20: a depth that only the nets for CIFAR have. A name that is not known is returned as it
    is.
    """
    if _is_known(name):
        return name
    typed = name.strip().lower().replace("_", "-").replace(" ", "-")
    squashed = _squashed(name)
    candidates = (typed, _by_squashed().get(squashed, ""), f"cifar-{typed}", f"cifar-{squashed}")
    return next((candidate for candidate in candidates if candidate and _exists(candidate)), name)


def _is_known(name: str) -> bool:
    return name in _NAMED or any(known.pattern.fullmatch(name) for known in _PATTERNS)


def _exists(name: str) -> bool:
    """Return whether there is a net of this name, for its number too."""
    try:
        return bool(_is_known(name) and _find(name))
    except NetError:
        return False


def _squashed(name: str) -> str:
    """Return what two ways of writing a name share."""
    return re.sub(r"[^a-z0-9.]", "", name.lower())


@cache
def _by_squashed() -> dict[str, str]:
    return {_squashed(name): name for name in names()}


def _family(name: str) -> str:
    """Return the letters that a name begins with: nets of one family share them."""
    found = re.match(r"[a-z]*", _squashed(name))
    return found[0] if found else ""


def _find(name: str) -> NetSpec:
    if name in _NAMED:
        return _NAMED[name]
    for known in _PATTERNS:
        match = known.pattern.fullmatch(name)
        if match:
            try:
                return known.make(*match.groups())
            except NetError as error:
                raise NetError(f"{name}: {error}") from None
    families = sorted({_family(one) for one in names()})
    family = next(iter(difflib.get_close_matches(_family(name), families, 1, 0.75)), "")
    of_family = {_squashed(one): one for one in names() if family and _family(one) == family}
    near = difflib.get_close_matches(_squashed(name), of_family, 3, 0.5) or list(of_family)[:3]
    if near:
        raise NetError(
            _("The net {name} is not known. Did you mean {nearest}? `resviz nets` lists all names.").format(
                name=repr(name[:80]), nearest=_(" or ").join(of_family[one] for one in near)
            )
        )
    raise NetError(
        _("The net {name} is not known. Give a name that `resviz nets` lists, or the path of a spec file.").format(
            name=repr(name[:80])
        )
    )
