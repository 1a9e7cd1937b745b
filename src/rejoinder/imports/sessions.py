"""The sessions of the UPR Working Group: in which months each was held, and to which cycle it belongs.

Months, not days: a review was held on one day of its session, and which one the exports do not say.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

# fmt: off
_MONTHS: Final = (
    "2008-04", "2008-05", "2008-12", "2009-02", "2009-05", "2009-11/2009-12",
    "2010-02", "2010-05", "2010-11", "2011-01/2011-02", "2011-05", "2011-10",
    "2012-05/2012-06", "2012-10/2012-11", "2013-01/2013-02", "2013-04/2013-05", "2013-10/2013-11", "2014-01/2014-02",
    "2014-04/2014-05", "2014-10/2014-11", "2015-01", "2015-05", "2015-11", "2016-01", "2016-05", "2016-10/2016-11",
    "2017-05", "2017-11", "2018-01", "2018-05", "2018-11", "2019-01/2019-02", "2019-05", "2019-11", "2020-01",
    "2020-11", "2021-01", "2021-05", "2021-11", "2022-01/2022-02",
    "2022-11", "2023-01/2023-02", "2023-05", "2023-11", "2024-01/2024-02", "2024-04/2024-05", "2024-11", "2025-01",
    "2025-04/2025-05", "2025-11",
)
# fmt: on
_LAST_OF_CYCLE: Final = (12, 26, 40)

LATEST: Final = len(_MONTHS)
"""The latest session whose months are known here."""


def months(session: int) -> str:
    """The month or months of a session, in EDTF.

    >>> months(5), months(20)
    ('2009-05', '2014-10/2014-11')

    Raises:
        ValueError: its months are not known here.
    """
    if not 1 <= session <= LATEST:
        raise ValueError(f"the months of session {session} are not known; the sessions are 1 to {LATEST}")
    return _MONTHS[session - 1]


def cycle(session: int) -> int:
    """The cycle of a session: the first three had 12, 14 and 14 sessions.

    >>> cycle(12), cycle(13), cycle(40), cycle(41)
    (1, 2, 3, 4)
    """
    return bisect_left(_LAST_OF_CYCLE, session) + 1
