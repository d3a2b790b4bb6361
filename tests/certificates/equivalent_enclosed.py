"""Mutants of what the checker does with oscillators that decide nothing differently, or are as sound."""
# ruff: noqa: E501

REASONS = {
    "only how many digits are kept: every truncation is counted": [
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
        (
            "exact",
            "Bank.matrices",
            "Enclosed.between([entry[j] for entry in entries], 256)  ->  Enclosed.between([entry[j] for entry in entries], 255)",
        ),
        (
            "exact",
            "Bank.matrices",
            "Enclosed.between([entry[j] for entry in entries], 256)  ->  Enclosed.between([entry[j] for entry in entries], 257)",
        ),
        (
            "exact",
            "energy_room",
            "Enclosed.between([(x * scale, error) for x, error in entries], 256)  ->  Enclosed.between([(x * scale, error) for x, error in entries], 255)",
        ),
        (
            "exact",
            "energy_room",
            "Enclosed.between([(x * scale, error) for x, error in entries], 256)  ->  Enclosed.between([(x * scale, error) for x, error in entries], 257)",
        ),
    ],
    "the lists have one length anyway": [
        ("exact", "Enclosed.between", "True  ->  False"),
        ("exact", "response_squares", "True  ->  False"),
        ("exact", "room", "True  ->  False"),
        ("exact", "common", "True  ->  False"),
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
        ("exact", "System.enclose", "self.A.shape[0]  ->  self.A.shape[1]"),
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
        ("exact", "Bank.__init__", "SIZE // 4  ->  SIZE // 3"),
        ("exact", "Bank.__init__", "SIZE // 4  ->  SIZE // 5"),
        (
            "exact",
            "Bank.__init__",
            "need(r + m + p <= limit, f'n + m + p = {r + m + p} is too large to check, the limit is {limit}')  ->  pass",
        ),
        (
            "exact",
            "Bank.__init__",
            "need(r + m + p <= limit, f'n + m + p = {r + m + p} is too large to check, the limit is {limit}')  ->  need(r + m + p < limit, f'n + m + p = {r + m + p} is too large to check, the limit is {limit}')",
        ),
        ("exact", "Bank.__init__", "r + m + p <= limit  ->  r + m <= limit"),
        ("exact", "Bank.__init__", "r + m + p <= limit  ->  p <= limit"),
        ("exact", "Bank.__init__", "r + m + p <= limit  ->  r + m - p <= limit"),
        ("exact", "Bank.__init__", "r + m + p  ->  r + p"),
        ("exact", "Bank.__init__", "r + m + p  ->  m + p"),
        ("exact", "Bank.__init__", "r + m + p  ->  r - m + p"),
        ("exact", "oscillators_unstable_for_steps", "i < bank.r and T <= 1024  ->  i < bank.r and T < 1024"),
        ("exact", "oscillators_unstable_for_steps", "T <= 1024  ->  T <= 1023"),
        ("exact", "oscillators_unstable_for_steps", "T <= 1024  ->  T <= 1025"),
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
    "the first of them are the same": [
        ("exact", "Bank.__init__", "self.h = h if each else h * r  ->  self.h = h * r"),
    ],
    "not below the least of the two that stand there already": [
        (
            "exact",
            "unit_sides",
            "(bank.A[i], bank.G[i], min(bank.A[i], bank.G[i]))  ->  (bank.A[i], bank.G[i], max(bank.A[i], bank.G[i]))",
        ),
    ],
    "no eigenvalue being outside, t = 2 or -2 makes both eigenvalues 1 or -1, so d = 1": [
        (
            "exact",
            "jordan",
            "double = (m11 + m22) ** 2 == 4 and m11 * m22 - m12 * m21 == 1  ->  double = (m11 + m22) ** 2 == 4",
        ),
    ],
    "no scheme has the step matrix 1 or -1: h / q does not vanish where both eigenvalues are such": [
        ("exact", "jordan", "return double and (m12, m21) != (0, 0)  ->  return double"),
        ("exact", "jordan", "(0, 0)  ->  (-1, 0)"),
        ("exact", "jordan", "(0, 0)  ->  (1, 0)"),
        ("exact", "jordan", "(0, 0)  ->  (0, -1)"),
    ],
    "there is one element only": [
        ("exact", "response_squares", "unit_sides(bank, 0)  ->  unit_sides(bank, -1)"),
        ("exact", "response_squares", "value(bank.B[0], 0, 0)  ->  value(bank.B[0], -1, 0)"),
        ("exact", "response_squares", "value(bank.B[0], 0, 0)  ->  value(bank.B[0], 0, -1)"),
        ("exact", "response_squares", "value(bank.B[0], 0, j)  ->  value(bank.B[0], -1, j)"),
        ("exact", "response_squares", "value(bank.velocity[0], i, 0)  ->  value(bank.velocity[0], i, -1)"),
        ("exact", "response_squares", "value(bank.position[0], i, 0)  ->  value(bank.position[0], i, -1)"),
        ("exact", "response_squares", "value(bank.D, i, 0)  ->  value(bank.D, i, -1)"),
        (
            "exact",
            "energy_room",
            "M = Enclosed.block([[v.entry(0, 0), v.entry(1, 0)], [v.entry(2, 0), v.entry(3, 0)]])  ->  M = Enclosed.block([[v.entry(0, 0), v.entry(1, 0)], [v.entry(2, 0).T, v.entry(3, 0)]])",
        ),
        ("exact", "energy_room", "v.entry(0, 0)  ->  v.entry(0, -1)"),
        ("exact", "energy_room", "v.entry(1, 0)  ->  v.entry(1, -1)"),
        ("exact", "energy_room", "v.entry(2, 0)  ->  v.entry(2, -1)"),
        ("exact", "energy_room", "v.entry(3, 0)  ->  v.entry(3, -1)"),
    ],
    "with c2 <= 0 nothing has an absolute value below 2 c2, and at equality the least value is at an end": [
        (
            "exact",
            "least_on_interval",
            "inside = c[0] > 0 and abs(c[1]) < 2 * c[0]  ->  inside = abs(c[1]) < 2 * c[0]",
        ),
        (
            "exact",
            "least_on_interval",
            "c[0] > 0 and abs(c[1]) < 2 * c[0]  ->  c[0] >= 0 and abs(c[1]) < 2 * c[0]",
        ),
        ("exact", "least_on_interval", "c[0] > 0  ->  c[0] > -1"),
        (
            "exact",
            "least_on_interval",
            "c[0] > 0 and abs(c[1]) < 2 * c[0]  ->  c[0] > 0 and abs(c[1]) <= 2 * c[0]",
        ),
    ],
    "the 0 stands there for a bank of none": [
        ("exact", "oscillators_passive", "[0, *bank.A, *bank.G]  ->  [1, *bank.A, *bank.G]"),
        ("exact", "oscillators_energy_ratio", "[0, *bank.A]  ->  [1, *bank.A]"),
        ("exact", "oscillators_energy_ratio", "[0, *bank.G]  ->  [1, *bank.G]"),
        ("exact", "oscillators_energy_ratio_above", "[0, *bank.A]  ->  [1, *bank.A]"),
    ],
    "one more entry, which is not used": [
        ("exact", "energy_room", ":4  ->  :5"),
    ],
    "the radius is more than twice the error: floors cost less than half of what is counted": [
        (
            "exact",
            "energy_room",
            "1 if bank.scheme == 'zoh' else math.lcm(*(x.denominator for x, _ in entries))  ->  2 if bank.scheme == 'zoh' else math.lcm(*(x.denominator for x, _ in entries))",
        ),
    ],
    "the divisor stands in two entries at least": [
        (
            "exact",
            "energy_room",
            "(x.denominator for x, _ in entries)  ->  (x.denominator for x, _ in list(entries)[1:])",
        ),
        (
            "exact",
            "energy_room",
            "(x.denominator for x, _ in entries)  ->  (x.denominator for x, _ in list(entries)[:-1])",
        ),
    ],
    "dyadic numbers are exact whatever the digits": [
        (
            "exact",
            "energy_room",
            "Enclosed.between([(Fraction(1), 0), (bank.A[i], 0)], 0)  ->  Enclosed.between([(Fraction(1), 0), (bank.A[i], 0)], -1)",
        ),
        (
            "exact",
            "energy_room",
            "Enclosed.between([(Fraction(1), 0), (bank.A[i], 0)], 0)  ->  Enclosed.between([(Fraction(1), 0), (bank.A[i], 0)], 1)",
        ),
        (
            "exact",
            "energy_room",
            "Enclosed.between([(bound * scale * scale, 0)], 0)  ->  Enclosed.between([(bound * scale * scale, 0)], -1)",
        ),
        (
            "exact",
            "energy_room",
            "Enclosed.between([(bound * scale * scale, 0)], 0)  ->  Enclosed.between([(bound * scale * scale, 0)], 1)",
        ),
    ],
    "the matrix is symmetric, numbers commute": [
        (
            "exact",
            "oscillators_energy_ratio_above.negative",
            "(X.entry(0, 0), X.entry(0, 1), X.entry(1, 1))  ->  (X.entry(0, 0), X.entry(1, 0), X.entry(1, 1))",
        ),
        ("exact", "oscillators_energy_ratio_above.negative", "a @ c - b @ b  ->  c @ a - b @ b"),
    ],
    "the determinant of the numerators has the divisor as a factor: nothing is negative then": [
        (
            "exact",
            "oscillators_unstable_for_steps",
            "need(q != 0, 'a step has no matrix: its divisor is zero')  ->  pass",
        ),
    ],
}
