"""The sessions of XKRX as exchange_calendars has them: DATE,OPEN,CLOSE in Korean time, a line each.

Arguments: first and last date.
"""

import sys

import exchange_calendars

first, last = sys.argv[1:]
calendar = exchange_calendars.get_calendar("XKRX", start=first, end=last)
schedule = calendar.schedule[["open", "close"]]
for session, hours in schedule.iterrows():
    opens, closes = (hours[name].tz_convert("Asia/Seoul") for name in ("open", "close"))
    print(f"{session:%Y-%m-%d},{opens:%H:%M},{closes:%H:%M}")
