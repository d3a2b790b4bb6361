"""The smallest subjects: free motions without input or output, and systems of one state."""

import numpy as np

from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject


def free(A, dt):
    A = np.atleast_2d(A)
    n = len(A)
    return StateSpaceSubject(A, np.zeros((n, 0)), np.zeros((0, n)), np.zeros((0, 0)), dt)


def modal(poles, dt):
    n = len(poles)
    return ModalSubject(poles, np.zeros((n, 0)), np.zeros((0, n)), np.zeros((0, 0)), dt)


def scalar(a, b, c, d, dt):
    return StateSpaceSubject([[a]], [[b]], [[c]], [[d]], dt)
