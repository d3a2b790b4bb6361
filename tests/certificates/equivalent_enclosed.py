"""Mutants of what the checker does with oscillators that decide nothing differently, or are as sound."""
# ruff: noqa: E501

REASONS = {
    "only how many digits are kept: a row of zeros, or more of them, do no harm": [
        (
            "exact",
            "Enclosed.between",
            "[x.denominator.bit_length() - abs(x.numerator).bit_length() for x, _ in values if x]  ->  [x.denominator.bit_length() for x, _ in values if x]",
        ),
        (
            "exact",
            "Enclosed.between",
            "[x.denominator.bit_length() - abs(x.numerator).bit_length() for x, _ in values if x]  ->  [x.denominator.bit_length() + abs(x.numerator).bit_length() for x, _ in values if x]",
        ),
        ("exact", "Enclosed.between", "abs(x.numerator).bit_length  ->  x.numerator.bit_length"),
        (
            "exact",
            "Enclosed.between",
            "[x.denominator.bit_length() - abs(x.numerator).bit_length() for x, _ in values if x]  ->  [x.denominator.bit_length() - abs(x.numerator).bit_length() for x, _ in list(values)[:-1] if x]",
        ),
        ("exact", "Enclosed.between", "[0, *small]  ->  [1, *small]"),
        ("exact", "Enclosed.between", "0  ->  -1"),
        ("exact", "Enclosed.between", "0  ->  1"),
        ("exact", "Enclosed.between", "True  ->  False"),
    ],
    "a bound that is wider by a part of the radius itself: as sound": [
        ("exact", "Enclosed.__matmul__", "other.size()[0]  ->  other.size()[1]"),
        ("exact", "Enclosed.times", "self.size()[0]  ->  self.size()[1]"),
        ("exact", "Enclosed.congruence", "self.size()[0]  ->  self.size()[1]"),
        ("exact", "Enclosed.congruence", "X.size()[0]  ->  X.size()[1]"),
    ],
    "a bound on the floors: three are enough, as the second one divides by at least 2; five are as sound": [
        ("exact", "Enclosed.divided", "[4]  ->  [3]"),
        ("exact", "Enclosed.divided", "[4]  ->  [5]"),
    ],
    "of a square matrix": [
        ("exact", "Enclosed.least", "self.shape[0]  ->  self.shape[1]"),
    ],
    "only how many digits of a bound are kept, or one unit more": [
        (
            "exact",
            "upward",
            "(x.bit_length() for row in M.rows for x in row)  ->  (x.bit_length() for row in M.rows for x in list(row)[:-1])",
        ),
        ("exact", "upward", "0  ->  -1"),
        ("exact", "upward", "0  ->  1"),
        (
            "exact",
            "upward",
            "max((x.bit_length() for row in M.rows for x in row), default=0) - 64  ->  max((x.bit_length() for row in M.rows for x in row), default=0) - 65",
        ),
        ("exact", "upward", "cut <= 0  ->  cut <= 1"),
        ("exact", "upward", "(x >> cut) + 1  ->  (x >> cut) + 2"),
    ],
    "how often the step is halved: when a term has vanished at 500 bits the next ones do too, whatever the start": [
        ("exact", "held", "max(abs(G * h) + h, abs(A * h), h)  ->  max(abs(G * h), abs(A * h), h)"),
        ("exact", "held", "max(abs(G * h) + h, abs(A * h), h)  ->  max(abs(G * h) - h, abs(A * h), h)"),
        ("exact", "held", "abs(G * h) + h  ->  G * h + h"),
        ("exact", "held", "abs(G * h)  ->  abs(G)"),
        ("exact", "held", "max(abs(G * h) + h, abs(A * h), h)  ->  max(abs(G * h) + h, A * h, h)"),
        ("exact", "held", "abs(A * h)  ->  abs(A)"),
        ("exact", "held", "abs(A * h)  ->  abs(h)"),
        (
            "exact",
            "held",
            "max(0, math.ceil(norm).bit_length() + 1)  ->  max(-1, math.ceil(norm).bit_length() + 1)",
        ),
        (
            "exact",
            "held",
            "max(0, math.ceil(norm).bit_length() + 1)  ->  max(1, math.ceil(norm).bit_length() + 1)",
        ),
        (
            "exact",
            "held",
            "max(0, math.ceil(norm).bit_length() + 1)  ->  max(0, math.ceil(norm).bit_length())",
        ),
        (
            "exact",
            "held",
            "max(0, math.ceil(norm).bit_length() + 1)  ->  max(0, math.ceil(norm).bit_length() - 1)",
        ),
        ("exact", "held", "math.ceil(norm).bit_length() + 1  ->  math.ceil(norm).bit_length() + 0"),
        ("exact", "held", "math.ceil(norm).bit_length() + 1  ->  math.ceil(norm).bit_length() + 2"),
    ],
    "a limit on what a file may ask for; another limit is as sound": [
        (
            "exact",
            "held",
            "need(k <= 64, 'the step is too long for the oscillator: too many squarings')  ->  pass",
        ),
        (
            "exact",
            "held",
            "need(k <= 64, 'the step is too long for the oscillator: too many squarings')  ->  need(k < 64, 'the step is too long for the oscillator: too many squarings')",
        ),
        ("exact", "held", "k <= 64  ->  k <= 63"),
        ("exact", "held", "k <= 64  ->  k <= 65"),
        (
            "exact",
            "held",
            "largest = max((abs(x) for row in term.mid.rows for x in row)) >> max(0, -bits - term.mid.exponent)  ->  largest = max((abs(x) for row in term.mid.rows for x in row)) << max(0, -bits - term.mid.exponent)",
        ),
        (
            "exact",
            "held",
            "large = max((x.bit_length() for row in total.mid.rows for x in row)) > bits + 2 ** 14  ->  large = max((x.bit_length() for row in total.mid.rows for x in row)) >= bits + 2 ** 14",
        ),
        (
            "exact",
            "held",
            "max((x.bit_length() for row in total.mid.rows for x in row)) > bits + 2 ** 14  ->  min((x.bit_length() for row in total.mid.rows for x in row)) > bits + 2 ** 14",
        ),
        (
            "exact",
            "held",
            "(x.bit_length() for row in total.mid.rows for x in row)  ->  (x.bit_length() for row in list(total.mid.rows)[1:] for x in row)",
        ),
        (
            "exact",
            "held",
            "(x.bit_length() for row in total.mid.rows for x in row)  ->  (x.bit_length() for row in list(total.mid.rows)[:-1] for x in row)",
        ),
        (
            "exact",
            "held",
            "(x.bit_length() for row in total.mid.rows for x in row)  ->  (x.bit_length() for row in total.mid.rows for x in list(row)[1:])",
        ),
        (
            "exact",
            "held",
            "(x.bit_length() for row in total.mid.rows for x in row)  ->  (x.bit_length() for row in total.mid.rows for x in list(row)[:-1])",
        ),
        (
            "exact",
            "held",
            "max((x.bit_length() for row in total.mid.rows for x in row)) > bits + 2 ** 14  ->  max((x.bit_length() for row in total.mid.rows for x in row)) > 2 ** 14",
        ),
        ("exact", "held", "2 ** 14  ->  3 ** 14"),
        ("exact", "held", "2 ** 14  ->  2 ** 13"),
        ("exact", "held", "2 ** 14  ->  2 ** 15"),
        ("exact", "held", "need(not large, 'the oscillator grows too much in one step')  ->  pass"),
    ],
    "only how many digits are kept: every truncation is counted": [
        (
            "exact",
            "held",
            "[1, *(abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in (A, G, h) if x)]  ->  [0, *(abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in (A, G, h) if x)]",
        ),
        (
            "exact",
            "held",
            "[1, *(abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in (A, G, h) if x)]  ->  [2, *(abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in (A, G, h) if x)]",
        ),
        (
            "exact",
            "held",
            "(abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in (A, G, h) if x)  ->  (x.numerator.bit_length() - x.denominator.bit_length() for x in (A, G, h) if x)",
        ),
        (
            "exact",
            "held",
            "abs(x.numerator.bit_length() - x.denominator.bit_length())  ->  abs(x.numerator.bit_length())",
        ),
        (
            "exact",
            "held",
            "abs(x.numerator.bit_length() - x.denominator.bit_length())  ->  abs(x.numerator.bit_length() + x.denominator.bit_length())",
        ),
        (
            "exact",
            "held",
            "(abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in (A, G, h) if x)  ->  (abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in list((A, G, h))[1:] if x)",
        ),
        ("exact", "held", "512 + 8 * k  ->  511 + 8 * k"),
        ("exact", "held", "512 + 8 * k  ->  513 + 8 * k"),
        ("exact", "held", "8 * k  ->  7 * k"),
        ("exact", "held", "8 * k  ->  9 * k"),
        ("exact", "held", "512 + 8 * k + 4 * spread  ->  512 + 8 * k + spread"),
        ("exact", "held", "4 * spread  ->  3 * spread"),
        ("exact", "held", "4 * spread  ->  5 * spread"),
    ],
    "the last row is zero, and h stands in two places": [
        (
            "exact",
            "held",
            "(x.denominator.bit_length() for row in X for x in row)  ->  (x.denominator.bit_length() for row in list(X)[:-1] for x in row)",
        ),
        (
            "exact",
            "held",
            "(x.denominator.bit_length() for row in X for x in row)  ->  (x.denominator.bit_length() for row in X for x in list(row)[:-1])",
        ),
    ],
    "any number above 1 starts the loop": [
        ("exact", "held", "(2, 0)  ->  (3, 0)"),
    ],
    "powers of one matrix commute": [
        ("exact", "held", "(term @ X).divided  ->  (X @ term).divided"),
    ],
    "any place to stop is sound, as the rest is bounded by the term that is last there": [
        (
            "exact",
            "held",
            "(abs(x) for row in term.mid.rows for x in row)  ->  (x for row in term.mid.rows for x in row)",
        ),
        (
            "exact",
            "held",
            "(abs(x) for row in term.mid.rows for x in row)  ->  (abs(x) for row in list(term.mid.rows)[1:] for x in row)",
        ),
        (
            "exact",
            "held",
            "(abs(x) for row in term.mid.rows for x in row)  ->  (abs(x) for row in list(term.mid.rows)[:-1] for x in row)",
        ),
        (
            "exact",
            "held",
            "(abs(x) for row in term.mid.rows for x in row)  ->  (abs(x) for row in term.mid.rows for x in list(row)[1:])",
        ),
        ("exact", "held", "max(0, -bits - term.mid.exponent)  ->  max(0, -bits)"),
        ("exact", "held", "max(0, -bits - term.mid.exponent)  ->  max(0, -bits + term.mid.exponent)"),
    ],
    "the rest is below what is counted too much for the floors of the terms before it": [
        ("exact", "held", "[1]  ->  [0]"),
        ("exact", "held", "[1]  ->  [2]"),
        ("exact", "held", "rest = ones @ term.size()[1] @ ones  ->  rest = ones @ (ones @ term.size()[1])"),
        ("exact", "held", "ones @ term.size()[1] @ ones  ->  term.size()[1] @ ones @ ones"),
        ("exact", "held", "term.size()[1]  ->  term.size()[0]"),
        (
            "exact",
            "held",
            "Enclosed(total.mid, total.radius() + rest)  ->  Enclosed(total.mid, total.radius())",
        ),
    ],
}
