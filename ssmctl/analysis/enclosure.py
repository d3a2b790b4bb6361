r"""A number between two proved ends, $\mathrm{lower} \le \nu \le \mathrm{upper}$, and their certificates."""

import html
import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from ssmctl.certificates.certificate import Certificate


@dataclass(frozen=True)
class Enclosure:
    r"""Two ends of a number and what proves them.

    **Arguments:** `quantity`: its name; `lower`, `upper`; `certificate` of the upper end (of instability,
    when the number is infinite) and `lower_certificate`; None where an end is trivial (0, infinity) or
    was not proved as a certificate. `frequency`: where the lower end is attained, in `unit`; `level`: the
    weaker trust level of the two proofs.

    **Guarantee:** $\mathrm{lower} \le \nu \le \mathrm{upper}$ in exact real arithmetic on the stored
    parameters, by the theorems of the two certificates.

    >>> e = Enclosure("H-infinity norm", 1.0, 1.5)
    >>> 1.2 in e, e.width
    (True, 0.5)
    """

    quantity: str
    lower: float
    upper: float
    certificate: Certificate | None = None
    lower_certificate: Certificate | None = None
    frequency: float | None = None
    unit: str = ""
    level: str | None = None
    note: str = ""

    @property
    def width(self) -> float:
        """Width relative to the end nearer to zero; 0 for a number known exactly, infinite ones included."""
        if self.lower == self.upper:
            return 0.0
        if self.lower > 0:
            return self.upper / self.lower - 1
        return self.lower / self.upper - 1 if self.upper < 0 else math.inf

    def __contains__(self, value: float) -> bool:
        return self.lower <= value <= self.upper

    def __iter__(self):
        """Unpack as `lower, upper = enclosure`."""
        return iter((self.lower, self.upper))

    def __repr__(self) -> str:
        at = "" if self.frequency is None else f", at {self.frequency:.6g} {self.unit}"
        level = "" if self.level is None else f", proved at level {self.level}"
        note = f" ({self.note})" if self.note else ""
        return f"{self.quantity} in [{self.lower!r}, {self.upper!r}]{at}{level}{note}"

    def _repr_html_(self) -> str:
        low, high = f"{self.lower!r}", f"{self.upper!r}"
        same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
        show = lambda text: f"<b>{text[:same]}</b>{text[same:]}"
        at = "" if self.frequency is None else f" at {self.frequency:.6g} {self.unit}"
        ends = f"[{show(low)}, {show(high)}]"
        if self.lower == self.upper:
            ends = f"<b>{'∞' if math.isinf(self.lower) else low}</b>"
        both = self.certificate is not None and self.lower_certificate is not None
        proofs = "both ends proved" if both else "not proved from both sides"
        if self.lower == self.upper and self.certificate:
            proofs = f"proved: <code>{html.escape(str(self.certificate.claim))}</code>"
        level = "" if self.level is None else f", level {self.level}"
        width = f", relative width {self.width:.1e}" if 0 < self.width < math.inf else ""
        note = f"; {html.escape(self.note)}" if self.note else ""
        return f"{self.quantity}: {ends}{at}<br><small>{proofs}{level}{width}{note}</small>"


def outward(lower: float, upper: float) -> tuple[str, str]:
    """Write two ends as decimals, rounded outward, with as many digits as their distance deserves.

    >>> outward(375.119265054404, 375.1192681303818), outward(0.1, 0.1)
    (('375.1192650', '375.1192682'), ('0.10000000000000000', '0.10000000000000001'))
    """
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return f"{lower:.9g}", f"{upper:.9g}"
    write = lambda x, digits, rounding: Context(prec=digits, rounding=rounding).create_decimal(Decimal(x))
    low, high = Decimal(lower), Decimal(upper)
    for digits in range(3, 18):
        low, high = write(lower, digits, ROUND_FLOOR), write(upper, digits, ROUND_CEILING)
        if high - low <= Decimal("1.25") * (Decimal(upper) - Decimal(lower)):
            break
    plain = lambda x: f"{x:f}" if x == 0 or -5 < x.adjusted() < 16 else str(x).lower()
    return plain(low), plain(high)
