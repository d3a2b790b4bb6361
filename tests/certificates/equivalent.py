"""Mutants of the checker that decide nothing differently, or are as sound, each with the reason."""
# ruff: noqa: E501

from tests.certificates import equivalent_enclosed as enclosed

REASONS = {
    "a limit on what a file may ask for; another limit is as sound": [
        ("exact", "", "(2 ** 12, 2 ** 20, 64)  ->  (2 ** 12, 2 ** 20, 63)"),
        ("exact", "", "2 ** 12  ->  2 ** 11"),
        ("exact", "", "2 ** 20  ->  2 ** 19"),
        ("exact", "", "2 ** 20  ->  2 ** 21"),
        (
            "exact",
            "Reader.parts",
            "set(value) == {'sum'} and isinstance(value['sum'], list) and (1 <= len(value['sum']) <= PARTS)  ->  set(value) == {'sum'} and isinstance(value['sum'], list) and (1 <= len(value['sum']) < PARTS)",
        ),
        ("exact", "System.__init__", "n + m + p  ->  m + p"),
        (
            "exact",
            "System.__init__",
            "need(n + m + p <= SIZE, f'n + m + p = {n + m + p} is too large to check, the limit is {SIZE}')  ->  need(n + m + p < SIZE, f'n + m + p = {n + m + p} is too large to check, the limit is {SIZE}')",
        ),
        ("exact", "impulse_sums", "h.positive() and q <= 64  ->  h.nonnegative() and q <= 64"),
        ("exact", "impulse_sums", "h.positive() and q <= 64  ->  h.positive() and q < 64"),
        (
            "exact",
            "impulse_sums",
            "need(steps <= STEPS and bits <= STEPS, f'more than {STEPS} `steps` or `bits`')  ->  need(steps <= STEPS, f'more than {STEPS} `steps` or `bits`')",
        ),
        ("exact", "impulse_sums", "q <= 64  ->  q <= 63"),
        ("exact", "impulse_sums", "steps <= STEPS and bits <= STEPS  ->  steps < STEPS and bits <= STEPS"),
        ("exact", "impulse_sums", "steps <= STEPS and bits <= STEPS  ->  steps <= STEPS and bits < STEPS"),
    ],
    "a matrix of another height is refused by the product": [
        (
            "exact",
            "Matrix.congruence",
            "need(self.shape == (X.shape[0],) * 2 and self.symmetric(), 'a symmetric matrix of that height was expected')  ->  need(self.symmetric(), 'a symmetric matrix of that height was expected')",
        ),
        (
            "rounded",
            "Ball.congruence",
            "need(self.shape == (X.shape[0],) * 2 and self.symmetric(), 'a symmetric matrix of that height was expected')  ->  need(self.symmetric(), 'a symmetric matrix of that height was expected')",
        ),
    ],
    "any nearby matrix will do, the caller bounds the difference exactly": [
        ("exact", "Matrix.rounded", "divisor == 1  ->  divisor == 0"),
        ("exact", "Matrix.rounded", "if s >= 0 and divisor == 1: …  ->  pass"),
        ("exact", "Matrix.rounded", "s >= 0  ->  s >= -1"),
        ("exact", "Matrix.rounded", "s >= 0  ->  s >= 1"),
        ("exact", "Matrix.rounded", "s >= 0 and divisor == 1  ->  divisor == 1"),
        ("exact", "Matrix.rounded", "s >= 0 and divisor == 1  ->  s < 0 and divisor == 1"),
        ("exact", "Matrix.rounded", "s >= 0 and divisor == 1  ->  s > 0 and divisor == 1"),
        ("exact", "Matrix.rounded", "x << s if s >= 0 else x >> -s  ->  x << s if s > 0 else x >> -s"),
    ],
    "an early answer; a pivot would not be positive, or the residual not dominant": [
        ("exact", "Matrix.positive", " for i in range(N)  ->   for i in range(N - 1)"),
        ("exact", "Matrix.positive", "(M[i][i] <= 0 for i in range(N))  ->  (M[i][i] < 0 for i in range(N))"),
        (
            "exact",
            "Matrix.positive",
            "(diagonal[i] > off[i] for i in range(N))  ->  (diagonal[i] >= off[i] for i in range(N))",
        ),
        ("exact", "Matrix.positive", "M[i][i] <= 0  ->  M[i][i] <= -1"),
        ("exact", "Matrix.positive", "if any((M[i][i] <= 0 for i in range(N))): …  ->  pass"),
    ],
    "concerns the factor or its scale, which are not trusted": [
        ("exact", "Matrix.positive", "-2  ->  -3"),
        ("exact", "Matrix.positive", "1 << 2 * bits - shift  ->  2 << 2 * bits - shift"),
        ("exact", "Matrix.positive", "2 * bits  ->  3 * bits"),
        ("exact", "Matrix.positive", "M[i][i].bit_length() // 2  ->  M[i][i].bit_length() // 3"),
        (
            "exact",
            "Matrix.positive",
            "M[i][j] << s if s >= 0 else M[i][j] >> -s  ->  M[i][j] << s if s > 0 else M[i][j] >> -s",
        ),
        ("exact", "Matrix.positive", "s >= 0  ->  s >= 1"),
        ("exact", "Matrix.positive", "x <= 0  ->  x <= 1"),
    ],
    "asks for one unit more: stricter": [
        ("exact", "Matrix.positive", "[0]  ->  [1]"),
    ],
    "subtracts less than L L', and what is left has to be dominant: it is a sum of definite matrices": [
        (
            "exact",
            "Matrix.positive",
            "(M[i][j] << k[i] + k[j] + f) - (sum(map(mul, L[i], L[j])) << f - 2 * bits)  ->  (M[i][j] << k[i] + k[j] + f) - (sum(map(mul, L[i], L[j])) >> f - 2 * bits)",
        ),
    ],
    "the factor is rounded down, so the residual off the diagonal is not negative": [
        ("exact", "Matrix.positive", "abs(r)  ->  r"),
    ],
    "an early answer; a negative diagonal entry only falls and is found at the end": [
        (
            "exact",
            "Matrix.nonnegative",
            "(A[i][i] < 0 for i in left)  ->  (A[i][i] < 0 for i in list(left)[1:])",
        ),
        (
            "exact",
            "Matrix.nonnegative",
            "(A[i][i] < 0 for i in left)  ->  (A[i][i] < 0 for i in list(left)[:-1])",
        ),
        ("exact", "Matrix.nonnegative", "A[i][i] < 0  ->  A[i][i] < -1"),
        (
            "exact",
            "Matrix.nonnegative",
            "any((A[i][i] < 0 for i in left))  ->  all((A[i][i] < 0 for i in left))",
        ),
        ("exact", "Matrix.nonnegative", "if any((A[i][i] < 0 for i in left)): …  ->  pass"),
    ],
    "the remaining diagonal is zero and the matrix symmetric: half of it is enough": [
        (
            "exact",
            "Matrix.nonnegative",
            "(A[i][j] for i in left for j in left)  ->  (A[i][j] for i in left for j in list(left)[1:])",
        ),
        (
            "exact",
            "Matrix.nonnegative",
            "(A[i][j] for i in left for j in left)  ->  (A[i][j] for i in left for j in list(left)[:-1])",
        ),
        (
            "exact",
            "Matrix.nonnegative",
            "(A[i][j] for i in left for j in left)  ->  (A[i][j] for i in list(left)[1:] for j in left)",
        ),
        (
            "exact",
            "Matrix.nonnegative",
            "(A[i][j] for i in left for j in left)  ->  (A[i][j] for i in list(left)[:-1] for j in left)",
        ),
    ],
    "a limit on what a file may ask for; every use has a smaller one of its own": [
        ("exact", "Reader.integer", "2 ** 31  ->  2 ** 32"),
        ("exact", "Reader.integer", "2 ** 31  ->  3 ** 31"),
        (
            "exact",
            "Reader.integer",
            "type(value) is int and low <= value < 2 ** 31  ->  type(value) is int and low <= value <= 2 ** 31",
        ),
    ],
    "`parts` asks for exactly re and im in whatever is read": [
        (
            "exact",
            "Reader.complex",
            "return isinstance(self.get(key), dict) and 're' in self.get(key)  ->  return 're' in self.get(key)",
        ),
        (
            "exact",
            "Reader.complex",
            "return isinstance(self.get(key), dict) and 're' in self.get(key)  ->  return isinstance(self.get(key), dict)",
        ),
        (
            "exact",
            "Reader.complex",
            "return isinstance(self.get(key), dict) and 're' in self.get(key)  ->  return isinstance(self.get(key), dict) or 're' in self.get(key)",
        ),
    ],
    "the exponent of a matrix of zeros is arbitrary, and zero is 0 * 2^0, not smaller than any exponent here": [
        ("exact", "read_matrix", "0  ->  -1"),
        ("exact", "read_matrix", "0  ->  1"),
        (
            "exact",
            "read_matrix",
            "[a << b - e if a else 0 for a, b in row]  ->  [a << b - e for a, b in row]",
        ),
    ],
    "only the sign of the step is used": [
        (
            "exact",
            "System.__init__",
            "1 if dt is True else read_number(dt, 'dt')[0]  ->  2 if dt is True else read_number(dt, 'dt')[0]",
        ),
    ],
    "the only column, or the last entry by another name": [
        ("exact", "System.__init__", "im.entry(i, 0)  ->  im.entry(i, -1)"),
        ("exact", "System.__init__", "re.entry(i, 0)  ->  re.entry(i, -1)"),
        ("exact", "polynomial", "q.entry(0, 0)  ->  q.entry(0, -1)"),
        ("exact", "polynomial", "q.entry(degree - 1, 0)  ->  q.entry(-1, 0)"),
        ("exact", "polynomial", "q.entry(degree - 1, 0)  ->  q.entry(degree - 1, -1)"),
    ],
    "`im` is diagonal": [
        (
            "exact",
            "System.__init__",
            "self.A = one.block([[re, -im], [im, re]])  ->  self.A = one.block([[re, -im], [im.T, re]])",
        ),
    ],
    "the matrix is square": [
        ("exact", "trace", "X.shape[0]  ->  X.shape[1]"),
    ],
    "a semidefinite P with a positive definite loss is definite": [
        (
            "exact",
            "prove_h2",
            "need(P.positive(), 'P is not proved positive definite')  ->  need(P.nonnegative(), 'P is not proved positive definite')",
        ),
        (
            "exact",
            "prove_h2_at_least",
            "S.positive() and loss(s, S, unit_rate(s)).positive()  ->  S.nonnegative() and loss(s, S, unit_rate(s)).positive()",
        ),
        (
            "exact",
            "prove_schur",
            "need(P.positive(), 'P is not proved positive definite')  ->  need(P.nonnegative(), 'P is not proved positive definite')",
        ),
    ],
    "the rate has to be farther out than one that is not negative": [
        ("exact", "indefinite", "None if s.continuous else 0  ->  None if s.continuous else -1"),
    ],
    "the other branch proves it as well, with S = P: a speed-up": [
        ("exact", "prove_l2_gain", "if M.positive(): …  ->  pass"),
    ],
    "M >= 0 and a stable A make P >= 0: redundant": [
        (
            "exact",
            "prove_l2_gain",
            "need(P.nonnegative() and M.nonnegative(), 'P and M(P, gamma) are not proved positive semidefinite')  ->  need(M.nonnegative(), 'P and M(P, gamma) are not proved positive semidefinite')",
        ),
    ],
    "a product of numbers in another order": [
        ("exact", "extraction", "(square @ b @ k).times  ->  (k @ (square @ b)).times"),
        (
            "exact",
            "extraction",
            "-(rate(y[0], v[0]) + rate(y[1], v[1])) @ k - q @ b  ->  -(rate(y[0], v[0]) + rate(y[1], v[1])) @ k - b @ q",
        ),
        (
            "exact",
            "extraction",
            "-(rate(y[0], v[0]) + rate(y[1], v[1])) @ k - q @ b  ->  k @ -(rate(y[0], v[0]) + rate(y[1], v[1])) - q @ b",
        ),
        ("exact", "extraction", "square @ b @ k  ->  b @ square @ k"),
        (
            "exact",
            "impulse_sums",
            "(rows(low), rows(high), spent @ twelve, tail @ s.number(12 * s.m), gap)  ->  (rows(low), rows(high), spent @ twelve, s.number(12 * s.m) @ tail, gap)",
        ),
        (
            "exact",
            "impulse_sums",
            "(rows(low), rows(high), spent @ twelve, tail @ s.number(12 * s.m), gap)  ->  (rows(low), rows(high), twelve @ spent, tail @ s.number(12 * s.m), gap)",
        ),
        (
            "exact",
            "impulse_sums",
            "spent = sum((total(error, i) for i in range(s.n)), s.number(0)) @ weight  ->  spent = weight @ sum((total(error, i) for i in range(s.n)), s.number(0))",
        ),
        (
            "exact",
            "prove_input_to_state",
            "s.eye(s.m).times(g @ g @ room)  ->  s.eye(s.m).times(room @ (g @ g))",
        ),
        ("exact", "prove_peak", "(bound - row) @ gap - spent  ->  gap @ (bound - row) - spent"),
        (
            "exact",
            "prove_peak",
            "bound = claim.scalar('bound', low=0) @ s.number(12)  ->  bound = s.number(12) @ claim.scalar('bound', low=0)",
        ),
        ("exact", "prove_peak_at_least", "(row - bound) @ gap - spent  ->  gap @ (row - bound) - spent"),
        (
            "exact",
            "prove_peak_at_least",
            "bound = claim.scalar('bound', low=0) @ s.number(12)  ->  bound = s.number(12) @ claim.scalar('bound', low=0)",
        ),
        ("exact", "response", "k = d @ gap  ->  k = gap @ d"),
        (
            "exact",
            "squared_bound",
            "return bound @ bound @ s.number(2 if s.complex else 1)  ->  return s.number(2 if s.complex else 1) @ (bound @ bound)",
        ),
    ],
    "Z of a sequence: X >= 0 decides, X^2 >= Z follows": [
        ("exact", "extraction", "s.number(0)  ->  s.number(-1)"),
    ],
    "Q is symmetric": [
        (
            "exact",
            "extraction",
            "(absolute.entry(i, j) for i in range(s.p) for j in range(s.p))  ->  (absolute.entry(j, i) for i in range(s.p) for j in range(s.p))",
        ),
    ],
    "the error bound is strict: P > C'C and the contraction are, or Z = 0 and X > 0 decides": [
        (
            "exact",
            "prove_not_dissipative",
            "X.positive() and (X @ X - Z).positive()  ->  X.positive() and (X @ X - Z).nonnegative()",
        ),
    ],
    "D = 0 in continuous time": [
        (
            "exact",
            "squared_h2",
            "trace(s, G if s.continuous else G + s.eye(s.p).congruence(s.D))  ->  trace(s, G + s.eye(s.p).congruence(s.D))",
        ),
    ],
    "the rule reads every parameter itself": [
        ("exact", "entry", "claim.get(key)  ->  pass"),
        ("exact", "entry", "for key in CLAIMS[name][3]: …  ->  for key in list(CLAIMS[name][3])[1:]: …"),
        ("exact", "entry", "for key in CLAIMS[name][3]: …  ->  for key in list(CLAIMS[name][3])[:-1]: …"),
    ],
    "words": [
        ("exact", "prove", "[floats(x) for x in v]  ->  [floats(x) for x in list(v)[1:]]"),
        ("exact", "prove", "[floats(x) for x in v]  ->  [floats(x) for x in list(v)[:-1]]"),
        (
            "exact",
            "prove",
            "domain = 'continuous' if system.continuous else 'discrete'  ->  domain = 'continuous'",
        ),
        (
            "exact",
            "prove",
            "domain = 'continuous' if system.continuous else 'discrete'  ->  domain = 'discrete'",
        ),
    ],
    "a threshold with room of many binades on both sides": [
        ("rounded", "", "-900  ->  -899"),
        ("rounded", "", "-900  ->  -901"),
        ("rounded", "", "-960  ->  -959"),
        ("rounded", "", "-960  ->  -961"),
    ],
    "the only column or entry by another name": [
        ("rounded", "Ball.diagonal", "(:, 0)  ->  (:, -1)"),
        ("rounded", "Ball.least", "(0, 0)  ->  (-1, 0)"),
        ("rounded", "Ball.least", "(0, 0)  ->  (0, -1)"),
        ("rounded", "Ball.times", "(0, 0)  ->  (-1, 0)"),
        ("rounded", "Ball.times", "(0, 0)  ->  (0, -1)"),
    ],
    "a smaller exponent is as exact; the rows have equal lengths": [
        ("rounded", "Ball.integers", "1074  ->  1073"),
        ("rounded", "Ball.integers", "1074  ->  1075"),
        ("rounded", "Ball.integers", "True  ->  False"),
        (
            "rounded",
            "Ball.integers",
            "int(exponent[self.mid != 0].min(initial=1074)) - 53  ->  int(exponent[self.mid != 0].min(initial=1074)) - 54",
        ),
    ],
    "within the room of the bound 8 u": [
        ("rounded", "Ball.nearest", "-5000  ->  -4999"),
        ("rounded", "Ball.nearest", "-5000  ->  -5001"),
        ("rounded", "Ball.nearest", "8 * U  ->  7 * U"),
        ("rounded", "Ball.nearest", "x.bit_length() - 60  ->  x.bit_length() - 59"),
        ("rounded", "Ball.nearest", "x.bit_length() - 60  ->  x.bit_length() - 61"),
    ],
    "second order: four roundings are covered": [
        ("rounded", "Ball.__add__", "8 * U  ->  7 * U"),
        ("rounded", "Ball.__add__", "8 * U  ->  9 * U"),
        ("rounded", "Ball.times", "8 * U  ->  7 * U"),
        ("rounded", "Ball.times", "8 * U  ->  9 * U"),
    ],
    "second order: the last factor covers k + 5 roundings with room for all of it": [
        ("rounded", "Ball.__matmul__", "1 + 4 * U  ->  1 + U"),
        ("rounded", "Ball.__matmul__", "1 - k * U  ->  1 - U"),
        ("rounded", "Ball.__matmul__", "4 * (k + 8)  ->  3 * (k + 8)"),
        ("rounded", "Ball.__matmul__", "4 * (k + 8)  ->  5 * (k + 8)"),
        ("rounded", "Ball.__matmul__", "4 * (k + 8) * U  ->  (k + 8) * U"),
        ("rounded", "Ball.__matmul__", "4 * U  ->  3 * U"),
        ("rounded", "Ball.__matmul__", "4 * U  ->  5 * U"),
        ("rounded", "Ball.__matmul__", "k * U / (1 - k * U)  ->  k * U / (1 + k * U)"),
        ("rounded", "Ball.__matmul__", "k * U / (1 - k * U)  ->  k * U / 1"),
        (
            "rounded",
            "Ball.__matmul__",
            "k * U / (1 - k * U) * (1 + 4 * U)  ->  k * U / (1 - k * U) * (1 - 4 * U)",
        ),
        ("rounded", "Ball.__matmul__", "k * U / (1 - k * U) * (1 + 4 * U)  ->  k * U / (1 - k * U) * 1"),
        (
            "rounded",
            "Ball.__matmul__",
            "k * U / (1 - k * U) * (1 + 4 * U) * size  ->  k * U / (1 - k * U) * size",
        ),
        ("rounded", "Ball.__matmul__", "k + 8  ->  k + 7"),
    ],
    "room of many binades, or a limit": [
        ("rounded", "Ball.__matmul__", "(k + 1) * FLUSHED  ->  1 * FLUSHED"),
        ("rounded", "Ball.__matmul__", "(k + 1) * FLUSHED  ->  k * FLUSHED"),
        ("rounded", "Ball.__matmul__", "2 ** 20  ->  2 ** 19"),
        ("rounded", "Ball.__matmul__", "k + 1  ->  k + 0"),
        ("rounded", "Ball.__matmul__", "k + 1  ->  k + 2"),
        ("rounded", "Ball.__matmul__", "k + 8  ->  k + 9"),
        (
            "rounded",
            "Ball.__matmul__",
            "rad * (1 + 4 * (k + 8) * U) + (k + 1) * FLUSHED  ->  rad * (1 + 4 * (k + 8) * U) + FLUSHED",
        ),
    ],
    "any nearby matrix will do, the caller bounds the difference": [
        ("rounded", "Ball.rounded", "np.abs(self.mid) < divisor * SMALL  ->  np.abs(self.mid) < SMALL"),
        (
            "rounded",
            "Ball.rounded",
            "np.where(np.abs(self.mid) < divisor * SMALL, 0.0, self.mid / divisor)  ->  np.where(np.abs(self.mid) <= divisor * SMALL, 0.0, self.mid / divisor)",
        ),
    ],
    "`array_equal` finds other shapes different": [
        ("rounded", "Ball.symmetric", "X.shape[0]  ->  X.shape[1]"),
        ("rounded", "Ball.symmetric", "X.shape[1]  ->  X.shape[0]"),
        (
            "rounded",
            "Ball.symmetric",
            "lambda X: X.shape[0] == X.shape[1] and np.array_equal(X, X.T)  ->  lambda X: np.array_equal(X, X.T)",
        ),
    ],
    "an infinite radius gives -1 as well; only the sign is used": [
        (
            "rounded",
            "Ball.least",
            "(mid > rad) - (mid < rad) if np.isfinite(mid) and np.isfinite(rad) and (rad >= 0) else -1  ->  (mid > rad) - (mid < rad) if np.isfinite(mid) and rad >= 0 else -1",
        ),
        ("rounded", "Ball.least", "-1  ->  -2"),
    ],
    "a speed-up: the general criterion holds for one by one as well": [
        ("rounded", "Ball.positive", "(1, 1)  ->  (0, 1)"),
        ("rounded", "Ball.positive", "(1, 1)  ->  (1, 0)"),
        ("rounded", "Ball.positive", "(1, 1)  ->  (1, 2)"),
        ("rounded", "Ball.positive", "(1, 1)  ->  (2, 1)"),
        ("rounded", "Ball.positive", "if self.shape == (1, 1): …  ->  pass"),
    ],
    "square, symmetric": [
        ("rounded", "positive_definite", "M.shape[0]  ->  M.shape[1]"),
        ("rounded", "positive_definite", "np.ldexp(rad, e).sum(1)  ->  np.ldexp(rad, e).sum(0)"),
        ("rounded", "positive_definite", "off.sum(1)  ->  off.sum(0)"),
    ],
    "a second line of defence: what is not finite or not positive fails below": [
        ("rounded", "positive_definite", "(d > 0).all  ->  (d >= 0).all"),
        ("rounded", "positive_definite", "d > 0  ->  d > -1"),
        ("rounded", "positive_definite", "if not (np.isfinite(M).all() and (d > 0).all()): …  ->  pass"),
        (
            "rounded",
            "positive_definite",
            "not (np.isfinite(M).all() and (d > 0).all())  ->  not (d > 0).all()",
        ),
        (
            "rounded",
            "positive_definite",
            "not (np.isfinite(M).all() and (d > 0).all())  ->  not (np.isfinite(M).all() or (d > 0).all())",
        ),
        (
            "rounded",
            "positive_definite",
            "not (np.isfinite(M).all() and (d > 0).all())  ->  not np.isfinite(M).all()",
        ),
        (
            "rounded",
            "positive_definite",
            "not (np.isfinite(rad).all() and (rad >= 0).all())  ->  not (rad >= 0).all()",
        ),
    ],
    "a second line of defence: an entry beyond the diagonal lets the factorisation fail": [
        ("rounded", "positive_definite", "(np.abs(A) <= 4.0).all  ->  (np.abs(A) < 4.0).all"),
        ("rounded", "positive_definite", "if not (np.abs(A) <= 4.0).all(): …  ->  pass"),
        ("rounded", "positive_definite", "np.abs(A) <= 4.0  ->  A <= 4.0"),
        ("rounded", "positive_definite", "np.abs(A) <= 4.0  ->  np.abs(A) <= 2.0"),
    ],
    "2^-900 beside a diagonal of at least 1/4": [
        ("rounded", "positive_definite", "2.0 * N  ->  1.0 * N"),
        ("rounded", "positive_definite", "2.0 * N * DROPPED  ->  2.0 * DROPPED"),
        ("rounded", "positive_definite", "2.0 * N * DROPPED  ->  N * DROPPED"),
        ("rounded", "positive_definite", "np.full(N, 2.0 * N * DROPPED)  ->  np.full(N, DROPPED)"),
        (
            "rounded",
            "positive_definite",
            "np.where(np.abs(A) < DROPPED, 0.0, A)  ->  np.where(np.abs(A) <= DROPPED, 0.0, A)",
        ),
        (
            "rounded",
            "positive_definite",
            "r = r + (np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) + N * FLUSHED)  ->  r = np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) + N * FLUSHED",
        ),
    ],
    "second order in u, or stricter": [
        (
            "rounded",
            "positive_definite",
            "((N + 2) * U * S + U * np.abs(F)) * (1 + 4 * (N + 4) * U)  ->  ((N + 2) * U * S + U * np.abs(F)) * 1",
        ),
        (
            "rounded",
            "positive_definite",
            "((N + 2) * U * S + U * np.abs(F)) * (1 + 4 * (N + 4) * U)  ->  ((N + 2) * U * S - U * np.abs(F)) * (1 + 4 * (N + 4) * U)",
        ),
        (
            "rounded",
            "positive_definite",
            "((N + 2) * U * S + U * np.abs(F)) * (1 + 4 * (N + 4) * U)  ->  (N + 2) * U * S * (1 + 4 * (N + 4) * U)",
        ),
        ("rounded", "positive_definite", "(N + 2) * U  ->  (N - 2) * U"),
        ("rounded", "positive_definite", "(N + 2) * U  ->  2 * U"),
        ("rounded", "positive_definite", "(N + 2) * U  ->  N * U"),
        ("rounded", "positive_definite", "1 + 4 * (N + 4) * U  ->  1 + U"),
        ("rounded", "positive_definite", "1 + 8 * U  ->  1 + U"),
        ("rounded", "positive_definite", "1 - (N + 2) * U  ->  1 - U"),
        ("rounded", "positive_definite", "2 * (N + 4)  ->  1 * (N + 4)"),
        ("rounded", "positive_definite", "2 * (N + 4)  ->  3 * (N + 4)"),
        ("rounded", "positive_definite", "2 * (N + 4) * U  ->  (N + 4) * U"),
        ("rounded", "positive_definite", "4 * (N + 4)  ->  3 * (N + 4)"),
        ("rounded", "positive_definite", "4 * (N + 4)  ->  4 * (N - 4)"),
        ("rounded", "positive_definite", "4 * (N + 4)  ->  4 * 4"),
        ("rounded", "positive_definite", "4 * (N + 4)  ->  4 * N"),
        ("rounded", "positive_definite", "4 * (N + 4)  ->  5 * (N + 4)"),
        ("rounded", "positive_definite", "4 * (N + 4) * U  ->  (N + 4) * U"),
        ("rounded", "positive_definite", "4 * (N + 4) * U  ->  4 * U"),
        ("rounded", "positive_definite", "N + 2  ->  N + 1"),
        ("rounded", "positive_definite", "N + 2  ->  N + 3"),
        ("rounded", "positive_definite", "N + 4  ->  N + 3"),
        ("rounded", "positive_definite", "N + 4  ->  N + 5"),
        (
            "rounded",
            "positive_definite",
            "err = ((N + 2) * U * S + U * np.abs(F)) * (1 + 4 * (N + 4) * U)  ->  err = (N + 2) * U * S + U * np.abs(F)",
        ),
    ],
    "2^-960 beside a diagonal of at least 1/4": [
        (
            "rounded",
            "positive_definite",
            "8 * U * (np.abs(low) + d + r) + N * (N + 1) * FLUSHED  ->  8 * U * (np.abs(low) + d + r)",
        ),
        (
            "rounded",
            "positive_definite",
            "8 * U * (np.abs(low) + d + r) + N * (N + 1) * FLUSHED  ->  8 * U * (np.abs(low) + d + r) + FLUSHED",
        ),
        (
            "rounded",
            "positive_definite",
            "8 * U * (np.abs(low) + d + r) + N * (N + 1) * FLUSHED  ->  8 * U * (np.abs(low) + d + r) - N * (N + 1) * FLUSHED",
        ),
        (
            "rounded",
            "positive_definite",
            "8 * U * (np.abs(low) + d + r) + N * (N + 1) * FLUSHED  ->  8 * U + N * (N + 1) * FLUSHED",
        ),
        ("rounded", "positive_definite", "N * (N + 1)  ->  N * (N - 1)"),
        ("rounded", "positive_definite", "N * (N + 1)  ->  N * 1"),
        ("rounded", "positive_definite", "N * (N + 1)  ->  N * N"),
        ("rounded", "positive_definite", "N * (N + 1) * FLUSHED  ->  (N + 1) * FLUSHED"),
        ("rounded", "positive_definite", "N * (N + 1) * FLUSHED  ->  N * FLUSHED"),
        (
            "rounded",
            "positive_definite",
            "N * (N + 2) * U / (1 - (N + 2) * U)  ->  N * (N + 2) * U / (1 + (N + 2) * U)",
        ),
        ("rounded", "positive_definite", "N * (N + 2) * U / (1 - (N + 2) * U)  ->  N * (N + 2) * U / 1"),
        (
            "rounded",
            "positive_definite",
            "N * (N + 2) * U / (1 - (N + 2) * U) * (1 + 8 * U)  ->  N * (N + 2) * U / (1 - (N + 2) * U) * (1 - 8 * U)",
        ),
        (
            "rounded",
            "positive_definite",
            "N * (N + 2) * U / (1 - (N + 2) * U) * (1 + 8 * U)  ->  N * (N + 2) * U / (1 - (N + 2) * U) * 1",
        ),
        ("rounded", "positive_definite", "N + 1  ->  N + 0"),
        ("rounded", "positive_definite", "N + 1  ->  N + 2"),
        (
            "rounded",
            "positive_definite",
            "np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) + N * FLUSHED  ->  np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) + FLUSHED",
        ),
        (
            "rounded",
            "positive_definite",
            "r + (np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) + N * FLUSHED)  ->  r + (np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) - N * FLUSHED)",
        ),
        (
            "rounded",
            "positive_definite",
            "r + (np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) + N * FLUSHED)  ->  r + np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U)",
        ),
        (
            "rounded",
            "positive_definite",
            "tau = N * (N + 2) * U / (1 - (N + 2) * U) * (1 + 8 * U)  ->  tau = N * (N + 2) * U / (1 - (N + 2) * U)",
        ),
    ],
    "within the room of the 8 u: three roundings are to be covered": [
        (
            "rounded",
            "positive_definite",
            "(dia - r - row > 8 * U * (np.abs(dia) + r + row)).all  ->  (dia - r - row >= 8 * U * (np.abs(dia) + r + row)).all",
        ),
        ("rounded", "positive_definite", "8 * U  ->  7 * U"),
        ("rounded", "positive_definite", "8 * U  ->  9 * U"),
        ("rounded", "positive_definite", "8 * U * (np.abs(dia) + r + row)  ->  8 * U * (np.abs(dia) + r)"),
        ("rounded", "positive_definite", "8 * U * (np.abs(dia) + r + row)  ->  8 * U * row"),
        ("rounded", "positive_definite", "8 * U * (np.abs(dia) + r + row)  ->  U * (np.abs(dia) + r + row)"),
        ("rounded", "positive_definite", "8 * U * (np.abs(low) + d + r)  ->  8 * U * (np.abs(low) + d - r)"),
        ("rounded", "positive_definite", "8 * U * (np.abs(low) + d + r)  ->  8 * U * (np.abs(low) + d)"),
        ("rounded", "positive_definite", "np.abs(dia) + r  ->  dia + r"),
        ("rounded", "positive_definite", "np.abs(dia) + r + row  ->  np.abs(dia) + row"),
        ("rounded", "positive_definite", "np.abs(dia) + r + row  ->  np.abs(dia) - r + row"),
        ("rounded", "positive_definite", "np.abs(dia) + r + row  ->  r + row"),
        ("rounded", "positive_definite", "np.abs(low) + d  ->  low + d"),
        ("rounded", "positive_definite", "np.abs(low) + d + r  ->  d + r"),
        ("rounded", "positive_definite", "np.abs(low) + d + r  ->  np.abs(low) + r"),
    ],
    "shifts the factor, which is not trusted": [
        ("rounded", "positive_definite", "0  ->  -1"),
        (
            "rounded",
            "positive_definite",
            "4 * tau * d.max(initial=0) + 1.25 * r  ->  4 * tau * d.max(initial=0) + r",
        ),
    ],
    "a second line of defence: what overflows is not accepted below": [
        ("rounded", "positive_definite", "(np.abs(R) < 2.0 ** 100).all  ->  (np.abs(R) <= 2.0 ** 100).all"),
        ("rounded", "positive_definite", "2.0 ** 100  ->  1.0 ** 100"),
        ("rounded", "positive_definite", "2.0 ** 100  ->  2.0 ** 101"),
        ("rounded", "positive_definite", "2.0 ** 100  ->  2.0 ** 99"),
        ("rounded", "positive_definite", "R is None or not (np.abs(R) < 2.0 ** 100).all()  ->  R is None"),
        ("rounded", "positive_definite", "np.abs(R) < 2.0 ** 100  ->  R < 2.0 ** 100"),
    ],
    "NumPy computes R'R symmetric": [
        ("rounded", "positive_definite", "S = np.maximum(S, S.T)  ->  S = np.minimum(S, S.T)"),
        ("rounded", "positive_definite", "np.abs(F) >= np.abs(F.T)  ->  F >= np.abs(F.T)"),
        ("rounded", "positive_definite", "np.abs(F) >= np.abs(F.T)  ->  np.abs(F) >= F.T"),
        ("rounded", "positive_definite", "np.abs(F.T)  ->  np.abs(F)"),
        ("rounded", "positive_definite", "np.maximum(S, S.T)  ->  np.maximum(S, S)"),
        (
            "rounded",
            "positive_definite",
            "np.where(np.abs(F) >= np.abs(F.T), F, F.T)  ->  np.where(np.abs(F) < np.abs(F.T), F, F.T)",
        ),
        (
            "rounded",
            "positive_definite",
            "np.where(np.abs(F) >= np.abs(F.T), F, F.T)  ->  np.where(np.abs(F) > np.abs(F.T), F, F.T)",
        ),
        (
            "rounded",
            "positive_definite",
            "np.where(np.abs(F) >= np.abs(F.T), F, F.T)  ->  np.where(np.abs(F) >= np.abs(F.T), F, F)",
        ),
    ],
    "a row of another width is refused by the constructor": [
        (
            "exact",
            "Matrix.block",
            "need([b.shape[1] for b in line] == widths, 'blocks differ in width')  ->  pass",
        ),
    ],
    "a shift by 0 changes nothing: a speed-up": [
        (
            "exact",
            "Matrix.aligned",
            "return [[x << s for x in row] for row in self.rows] if s else self.rows  ->  return [[x << s for x in row] for row in self.rows]",
        ),
    ],
    "the shapes were compared before": [
        ("exact", "Matrix.__add__", "True  ->  False"),
    ],
    "the diagonal equals itself": [
        ("exact", "Matrix.symmetric", " for j in range(i)  ->   for j in range(i + 1)"),
    ],
    "the matrix is square, as `symmetric` has found": [
        ("exact", "Matrix.nonnegative", "self.shape[0]  ->  self.shape[1]"),
        ("exact", "Matrix.positive", "self.shape[0]  ->  self.shape[1]"),
    ],
    "L has a positive diagonal, so L L' > 0 and weak dominance is enough": [
        ("exact", "Matrix.positive", "[0]  ->  [-1]"),
    ],
    "`low` is 0 wherever it is given": [
        (
            "exact",
            "Reader.scalar",
            "(x - self.arithmetic.number(low)).nonnegative  ->  (x + self.arithmetic.number(low)).nonnegative",
        ),
        ("exact", "Reader.scalar", "(x - self.arithmetic.number(low)).nonnegative  ->  x.nonnegative"),
    ],
    "a semidefinite P or S with a positive definite loss is definite": [
        (
            "exact",
            "prove_l2_gain",
            "S.positive() and loss(s, S, unit_rate(s)).positive()  ->  S.nonnegative() and loss(s, S, unit_rate(s)).positive()",
        ),
        (
            "exact",
            "prove_l2_gain",
            "need(P.positive(), 'P is not proved positive definite')  ->  need(P.nonnegative(), 'P is not proved positive definite')",
        ),
    ],
    "X = 0 cannot have X^2 > Z": [
        (
            "exact",
            "prove_not_dissipative",
            "X.positive() and (X @ X - Z).positive()  ->  X.nonnegative() and (X @ X - Z).positive()",
        ),
    ],
    "the term of j = 1 has the factor 0": [
        ("exact", "impulse_sums", "range(2, q + 1)  ->  range(1, q + 1)"),
    ],
    "rounded down, so not negative": [
        ("exact", "impulse_sums", "error + (image - X).abs()  ->  error + (image - X)"),
    ],
    "an entry at the threshold may stay or go": [
        (
            "rounded",
            "positive_definite",
            "np.where(np.abs(R) < SMALL, 0.0, R)  ->  np.where(np.abs(R) <= SMALL, 0.0, R)",
        ),
    ],
    "covered by the last line's 8 u; only first-order terms decide": [
        ("rounded", "positive_definite", "U * np.abs(F)  ->  U * F"),
    ],
    "numpy takes any negative number for the size that is left": [
        ("rounded", "as_ball", "-1  ->  -2"),
    ],
}
EQUIVALENT = {
    mutant: reason
    for table in (REASONS, enclosed.REASONS)
    for reason, mutants in table.items()
    for mutant in mutants
}
