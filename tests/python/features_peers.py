"""TA-Lib's per-ticker loop and polars on the bars that the benchmark wrote, timed on request.

The benchmark writes open.f64, high.f64, low.f64, close.f64 and volume.f64, little-endian
[stock, session], and sends one line a round: `talib`, `polars`, or `save` to write TA-Lib's columns
as talib.f64 [column, stock, session]. Each is answered by one line: milliseconds, or `saved`.
"""

import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import talib

COLUMNS = (
    "sma5 sma20 sma60 ema12 ema26 rsi14 macd macd_signal macd_hist bb_up bb_lo atr14 "
    "stoch_k stoch_d obv ret1 ret5 ret20 vol20 vol_ratio"
).split()


def read(folder, n_stocks):
    def column(name):
        return np.fromfile(folder / f"{name}.f64", dtype="<f8").reshape(n_stocks, -1)

    return {name: column(name) for name in ("open", "high", "low", "close", "volume")}


def log_return(log_close, period):
    series = np.full_like(log_close, np.nan)
    series[period:] = log_close[period:] - log_close[:-period]
    return series


def talib_ticker(high, low, close, volume):
    """The 20 columns of one ticker in the order of COLUMNS."""
    upper, _, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    stoch_k, stoch_d = talib.STOCHF(high, low, close, 14, 3)
    log_close = np.log(close)
    ret1 = log_return(log_close, 1)
    return (
        talib.SMA(close, 5),
        talib.SMA(close, 20),
        talib.SMA(close, 60),
        talib.EMA(close, 12),
        talib.EMA(close, 26),
        talib.RSI(close, 14),
        *talib.MACD(close, 12, 26, 9),
        upper,
        lower,
        talib.ATR(high, low, close, 14),
        stoch_k,
        stoch_d,
        talib.OBV(close, volume),
        ret1,
        log_return(log_close, 5),
        log_return(log_close, 20),
        talib.STDDEV(ret1, 20) * np.sqrt(20 / 19),
        volume / talib.SMA(volume, 20),
    )


def talib_market(bars):
    """Every ticker in turn; results are kept and not copied."""
    return [
        talib_ticker(bars["high"][i], bars["low"][i], bars["close"][i], bars["volume"][i])
        for i in range(len(bars["close"]))
    ]


def polars_frame(bars):
    n_stocks, n_sessions = bars["close"].shape
    codes = np.repeat(np.arange(n_stocks, dtype=np.int32), n_sessions)
    return pl.DataFrame({"code": codes, **{name: bars[name].ravel() for name in bars}})


def polars_market(frame):
    """The same columns for all tickers at once, recursions seeded with their first value."""
    close, high, low, volume = (pl.col(name) for name in ("close", "high", "low", "volume"))
    per = {"partition_by": "code"}

    def ewm(expression, **kwargs):
        return expression.ewm_mean(adjust=False, **kwargs)

    before = close.shift(1)
    log_close = close.log()
    true_range = pl.max_horizontal(high - low, (high - before).abs(), (low - before).abs())
    lowest, highest = low.rolling_min(14), high.rolling_max(14)
    first = frame.lazy().with_columns(
        sma5=close.rolling_mean(5).over(**per),
        sma20=close.rolling_mean(20).over(**per),
        sma60=close.rolling_mean(60).over(**per),
        ema12=ewm(close, span=12).over(**per),
        ema26=ewm(close, span=26).over(**per),
        deviation=close.rolling_std(20, ddof=0).over(**per),
        change=close.diff().over(**per),
        true_range=pl.when(before.is_not_null()).then(true_range).over(**per),
        stoch_k=((close - lowest) / (highest - lowest) * 100).over(**per),
        ret1=log_close.diff(1).over(**per),
        ret5=log_close.diff(5).over(**per),
        ret20=log_close.diff(20).over(**per),
        vol_ratio=(volume / volume.rolling_mean(20)).over(**per),
    )
    change = pl.col("change")
    second = first.with_columns(
        macd=pl.col("ema12") - pl.col("ema26"),
        bb_up=pl.col("sma20") + 2 * pl.col("deviation"),
        bb_lo=pl.col("sma20") - 2 * pl.col("deviation"),
        gain=ewm(change.clip(lower_bound=0), alpha=1 / 14).over(**per),
        loss=ewm((-change).clip(lower_bound=0), alpha=1 / 14).over(**per),
        atr14=ewm(pl.col("true_range"), alpha=1 / 14).over(**per),
        stoch_d=pl.col("stoch_k").rolling_mean(3).over(**per),
        obv=(volume * change.sign().fill_null(0)).cum_sum().over(**per),
        vol20=pl.col("ret1").rolling_std(20, ddof=1).over(**per),
    )
    return (
        second.with_columns(
            macd_signal=ewm(pl.col("macd"), span=9).over(**per),
            rsi14=100 * pl.col("gain") / (pl.col("gain") + pl.col("loss")),
        )
        .with_columns(macd_hist=pl.col("macd") - pl.col("macd_signal"))
        .select(COLUMNS)
        .collect()
    )


def milliseconds(work, *arguments):
    started = time.perf_counter()
    result = work(*arguments)
    elapsed = (time.perf_counter() - started) * 1000
    del result
    return elapsed


def main():
    folder, n_stocks = Path(sys.argv[1]), int(sys.argv[2])
    bars = read(folder, n_stocks)
    frame = polars_frame(bars)
    for line in sys.stdin:
        match line.strip():
            case "talib":
                print(milliseconds(talib_market, bars), flush=True)
            case "polars":
                print(milliseconds(polars_market, frame), flush=True)
            case "save":
                columns = np.array(talib_market(bars)).transpose(1, 0, 2)
                np.ascontiguousarray(columns).astype("<f8").tofile(folder / "talib.f64")
                print("saved", flush=True)
            case other:
                sys.exit(f"unknown request {other!r}")


if __name__ == "__main__":
    main()
