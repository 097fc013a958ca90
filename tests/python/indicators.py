"""The indicators and the columns of a feature spec, computed by TA-Lib, numpy and pandas.

    indicators.py FOLDER

FOLDER holds `shape.json` (`{"stocks": n, "sessions": m}`), `spec.json` (a feature spec as naeil
writes it) and the adjusted bars `open.f64` .. `volume.f64`: doubles, one stock after the other, NaN
where there is no bar. Written beside them, of the same shape, NaN where there is no value:

- `carried.NAME.f64`: the bars without gaps, from a stock's first to its last;
- `raw.NAME.f64`: the raw indicators;
- `column.I.f64`: the spec's I-th column, if it is no rank.

Nothing here was copied from naeil: each series is another implementation of the formula that its
indicator's file states. What TA-Lib leaves undefined or computes by cancelling sums is said below.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.stats
import talib
from numpy.lib.stride_tricks import sliding_window_view

BARS = ["open", "high", "low", "close", "volume"]


def carry(bars):
    """Repeats the last traded close where a stock was halted or has no usable bar."""
    frame = pd.DataFrame(bars)
    prices = frame[["open", "high", "low", "close"]]
    usable = ((prices >= 1e-4) & (prices <= 1e12)).all(axis=1)
    usable &= (frame["volume"] >= 0) & (frame["volume"] <= 1e15)
    if not usable.any():
        return None
    first, last = usable.idxmax(), usable[::-1].idxmax()
    life = frame.loc[first:last].copy()
    traded = usable.loc[first:last] & (life["volume"] > 0)
    close = life["close"].where(traded).ffill().fillna(frame["close"][first])
    for name in ["open", "high", "low", "close"]:
        life[name] = life[name].where(traded, close)
    life["volume"] = life["volume"].where(traded, 0.0)
    return first, {name: life[name].to_numpy(dtype=float) for name in BARS}


def late(values, n):
    """Puts values that begin late at the end of `n` sessions."""
    return np.concatenate([np.full(n - len(values), np.nan), values])


def windows(series, period, statistic):
    """A statistic of the last `period` values; NaN before there are so many."""
    if len(series) < period:
        return np.full(len(series), np.nan)
    return late(statistic(sliding_window_view(series, period), axis=1), len(series))


def mean(series, period):
    return windows(series, period, np.mean)


def total(series, period):
    return windows(series, period, np.sum)


def at_least(n, series, compute):
    """TA-Lib refuses a series without one value; that is a series of NaN."""
    return compute() if len(series) >= n else np.full(len(series), np.nan)


class Life:
    """One stock's carried bars and what is computed from them."""

    def __init__(self, bars):
        self.bars = bars
        self.open, self.high, self.low, self.close, self.volume = (bars[name] for name in BARS)
        self.n = len(self.close)
        self.changes = np.diff(self.close)
        self.returns = late(np.diff(np.log(self.close)), self.n)

    def log_return(self, period):
        if self.n <= period:
            return np.full(self.n, np.nan)
        return late(np.log(self.close[period:] / self.close[:-period]), self.n)

    def sma(self, period):
        return at_least(period, self.close, lambda: talib.SMA(self.close, period))

    def ema(self, period):
        return at_least(period, self.close, lambda: talib.EMA(self.close, period))

    def wilder(self, series, period):
        """Wilder's average of a series that begins with NaN: seeded with a simple mean."""
        average = np.full(len(series), np.nan)
        if len(series) > period:
            average[period] = np.mean(series[1 : period + 1])
            for t in range(period + 1, len(series)):
                average[t] = (average[t - 1] * (period - 1) + series[t]) / period
        return average

    def rsi(self, period):
        """50 while no price has ever changed, where TA-Lib says 0; TA-Lib also says 0 once gain and
        loss have faded below 1e-14 in a long halt, where their quotient goes on."""
        if self.n <= period:
            return np.full(self.n, np.nan)
        gain = self.wilder(late(np.maximum(self.changes, 0), self.n), period)
        loss = self.wilder(late(np.maximum(-self.changes, 0), self.n), period)
        with np.errstate(invalid="ignore"):
            own = np.where(gain + loss > 0, 100 * gain / (gain + loss), 50.0)
        own[:period] = np.nan
        theirs = talib.RSI(self.close, period)
        faded = gain + loss < 1e-9
        assert np.allclose(own[~faded], theirs[~faded], rtol=0, atol=1e-9, equal_nan=True)
        return own

    def wilder_known(self, moves, period):
        """Without what lies 200 or more sessions back, as soon as there is an average there."""
        average = self.wilder(late(moves, self.n), period)
        before = np.nan_to_num(average[:-200], nan=0.0)
        average[200:] -= (1 - 1 / period) ** 200 * before
        return average

    def macd(self, fast, slow, signal):
        compute = lambda: talib.MACD(self.close, fast, slow, signal)
        return compute() if self.n > slow + signal - 2 else [np.full(self.n, np.nan)] * 3

    def deviation(self, period):
        """Population deviation. TA-Lib's comes from a difference of sums of squares and is good to
        1e-7 of the price only."""
        own = windows(self.close, period, np.std)
        if self.n >= period:
            theirs = talib.STDDEV(self.close, period)
            assert np.allclose(own, theirs, rtol=0, atol=1e-7 * self.close.max(), equal_nan=True)
        return own

    def bollinger(self, period, deviations):
        middle, deviation = self.sma(period), self.deviation(period)
        return middle + deviations * deviation, middle, middle - deviations * deviation

    def atr(self, period):
        if self.n <= period:
            return np.full(self.n, np.nan)
        return talib.ATR(self.high, self.low, self.close, period)

    def place(self, period):
        """%K on 0..1: the middle where the window has one price, which TA-Lib calls 0."""
        low, high = windows(self.low, period, np.min), windows(self.high, period, np.max)
        place = at_least(
            period,
            self.close,
            lambda: talib.STOCHF(self.high, self.low, self.close, period, 1, 0)[0] / 100,
        )
        return np.where(high - low <= 1e-14 * high, 0.5, place)

    def stochastic(self, period, smoothing):
        """%K and %D on 0..1, %K from the first value of %D on."""
        k = self.place(period)
        d = late(mean(k[period - 1 :], smoothing), self.n)
        return np.where(np.isnan(d), np.nan, k), d

    def obv(self):
        """0 in the first session, where TA-Lib has that session's volume."""
        return talib.OBV(self.close, self.volume) - self.volume[0]

    def volatility(self, period):
        deviation = windows(self.returns[1:], period, lambda w, axis: np.std(w, axis=axis, ddof=1))
        return late(deviation, self.n)

    def volume_ratio(self, period):
        """1 where nothing was traded in the whole window."""
        average = mean(self.volume, period)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(average == 0, 1.0, self.volume / average)

    def resting(self):
        """How many sessions ago the close changed."""
        resting = np.zeros(self.n, dtype=int)
        for t in range(1, self.n):
            resting[t] = resting[t - 1] + 1 if self.close[t] == self.close[t - 1] else 0
        return resting

    def raw(self):
        """The raw indicators, by name."""
        raw = {"obv": self.obv(), "volume_ratio_20": self.volume_ratio(20), "atr_14": self.atr(14)}
        for period in (1, 2, 3, 5, 10, 20, 60):
            raw[f"log_return_{period}"] = self.log_return(period)
        for period in (5, 10, 20, 60):
            raw[f"sma_{period}"] = self.sma(period)
        for period in (12, 26):
            raw[f"ema_{period}"] = self.ema(period)
        for period in (5, 14):
            raw[f"rsi_{period}"] = self.rsi(period)
        for period in (5, 20, 60):
            raw[f"volatility_{period}"] = self.volatility(period)
        raw["macd_line"], raw["macd_signal"], raw["macd_histogram"] = self.macd(12, 26, 9)
        bands = self.bollinger(20, 2.0)
        raw["bollinger_upper"], raw["bollinger_middle"], raw["bollinger_lower"] = bands
        k, d = self.stochastic(14, 3)
        raw["stochastic_k"], raw["stochastic_d"] = 100 * k, 100 * d
        return raw


def log_ratio(short, long, nothing):
    """ln(short / long) within -5..5: the bound where only `short` is nothing, 0 where `long` is."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.clip(np.log(short / long), -5, 5)
    ratio = np.where(short <= nothing, -5.0, ratio)
    ratio = np.where(long <= nothing, 0.0, ratio)
    return np.where(np.isnan(short) | np.isnan(long), np.nan, ratio)


def obv_slope(life, period):
    signed = late(np.sign(life.changes) * life.volume[1:], life.n)
    traded = total(life.volume, period)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = late(total(signed[1:], period), life.n) / traded
    return np.where(traded == 0, 0.0, slope)


def rsi_centred(life, period):
    """Forgotten after five periods without a change."""
    gain = life.wilder_known(np.maximum(life.changes, 0), period)
    loss = life.wilder_known(np.maximum(-life.changes, 0), period)
    with np.errstate(invalid="ignore"):
        rsi = gain / (gain + loss) - 0.5
    resting = (gain + loss == 0) | (life.resting() >= 5 * period)
    return np.where(~np.isnan(gain) & resting, 0.0, rsi)


def bollinger_position(life, period):
    """In deviations, clipped at 3."""
    middle, deviation = life.sma(period), life.deviation(period)
    with np.errstate(invalid="ignore", divide="ignore"):
        place = np.clip((life.close - middle) / deviation, -3, 3)
    return np.where(deviation <= 2.5e-8 * middle, 0.0, place)


def bollinger_width(life, period, deviations):
    upper, middle, lower = life.bollinger(period, deviations)
    width = (upper - lower) / middle
    return np.where(width <= 1e-7, 0.0, width)


def place_in_bar(life):
    extent = life.high - life.low
    with np.errstate(invalid="ignore", divide="ignore"):
        place = (life.close - life.low) / extent - 0.5
    return np.where(extent <= 1e-14 * life.high, 0.0, place)


def of_returns(life, period, statistic):
    return late(windows(life.returns[1:], period, statistic), life.n)


def skew(life, period):
    """Population skewness; 0 where the returns do not differ."""
    value = of_returns(life, period, lambda w, axis: scipy.stats.skew(w, axis=axis, bias=True))
    deviation = of_returns(life, period, np.std)
    return np.where(deviation <= 1e-9, 0.0, value)


def zero_share(life, period):
    return late(windows((life.changes == 0).astype(float), period, np.mean), life.n)


# A column's kind, as the spec writes it, to its function of a life and the parameters.
COLUMNS = {
    "log_return": lambda life, period: life.log_return(period),
    "sma_ratio": lambda life, period: life.close / life.sma(period) - 1,
    "ema_ratio": lambda life, period: life.close / life.ema(period) - 1,
    "rsi": rsi_centred,
    "macd_line": lambda life, fast, slow: life.macd(fast, slow, 9)[0] / life.close,
    "macd_histogram": lambda life, fast, slow, signal: life.macd(fast, slow, signal)[2] / life.close,
    "bollinger_position": bollinger_position,
    "bollinger_width": bollinger_width,
    "atr_ratio": lambda life, period: life.atr(period) / life.close,
    "stochastic_k": lambda life, period: life.place(period) - 0.5,
    "stochastic_d": lambda life, period, smoothing: life.stochastic(period, smoothing)[1] - 0.5,
    "obv_slope": obv_slope,
    "volatility": lambda life, period: life.volatility(period),
    "volatility_ratio": lambda life, short, long: log_ratio(
        life.volatility(short), life.volatility(long), 1e-9
    ),
    "log_volume_ratio": lambda life, short, long: log_ratio(
        mean(life.volume, short), mean(life.volume, long), 0.0
    ),
    "gap": lambda life: late(np.log(life.open[1:] / life.close[:-1]), life.n),
    "range": lambda life: np.log(life.high / life.low),
    "high_to_close": lambda life: np.log(life.high / life.close),
    "low_to_close": lambda life: np.log(life.low / life.close),
    "bar_position": place_in_bar,
    "largest_return": lambda life, period: of_returns(life, period, np.max),
    "smallest_return": lambda life, period: of_returns(life, period, np.min),
    "zero_share": zero_share,
    "skew": skew,
}


def columns(life, spec):
    for idx, column in enumerate(spec["columns"]):
        if column["form"] != "rank":
            parameters = dict(column["indicator"])
            kind = parameters.pop("kind")
            yield f"column.{idx}", COLUMNS[kind](life, **parameters)


def main(folder):
    shape = json.loads((folder / "shape.json").read_text())
    spec = json.loads((folder / "spec.json").read_text())
    shape = (shape["stocks"], shape["sessions"])
    read = lambda name: np.fromfile(folder / f"{name}.f64").reshape(shape)
    bars = {name: read(name) for name in BARS}
    written = {}
    for stock in range(shape[0]):
        carried = carry({name: values[stock] for name, values in bars.items()})
        if carried is None:
            continue
        first, carried = carried
        life = Life(carried)
        series = {f"carried.{name}": values for name, values in carried.items()}
        series |= {f"raw.{name}": values for name, values in life.raw().items()}
        series |= dict(columns(life, spec))
        for name, values in series.items():
            panel = written.setdefault(name, np.full(shape, np.nan))
            panel[stock, first : first + life.n] = values
    for name, panel in written.items():
        panel.tofile(folder / f"{name}.f64")


main(Path(sys.argv[1]))
