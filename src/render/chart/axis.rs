//! Axes and label places: nice ticks, month labels thinned, labels pushed apart.
//!
//! Separate because it is plain arithmetic with traps (zero ranges, 1e13, nothing at all) that deserve their own tests.

use crate::domain::lang::Lang;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

/// A value axis: finite, `low < high`, ticks inside.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Value at its low end.
    pub low: f64,
    /// Value at its high end.
    pub high: f64,
    /// Where the grid runs.
    pub ticks: Vec<f64>,
    /// Decimals the ticks need.
    pub decimals: u32,
}

impl Axis {
    /// An axis over values with about `steps` steps, ending on ticks. With `zero` it contains zero; without, it begins
    /// near the lowest value when the values are far from zero compared with their spread.
    pub fn over(values: impl Iterator<Item = f64>, zero: bool, steps: usize) -> Axis {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|v| v.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let far = if low > 0.0 { high - low < low } else { high < 0.0 && high - low < -high };
        if zero || !far {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        if high <= low {
            (low, high) = if low == 0.0 { (0.0, 1.0) } else { (low - low.abs() * 0.1, low + low.abs() * 0.1) };
        }
        // Far from zero a step below the numbers' own resolution would never end.
        let least = low.abs().max(high.abs()) * 1e-9;
        let step = nice((high - low) / steps.max(1) as f64).max(least);
        let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        let count = ((last - first) as usize).clamp(1, 4 * steps.max(1));
        let ticks: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
        Axis { low: ticks[0], high: ticks[count], ticks, decimals: decimals_of(step) }
    }

    /// Where a value lies between the ends, 0 to 1.
    pub fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// A tick as the reader writes numbers.
    pub fn tick(&self, value: f64, lang: Lang) -> String {
        number(value, self.decimals, lang)
    }
}

/// A number as the reader writes it.
pub fn number(value: f64, decimals: u32, lang: Lang) -> String {
    match Decimal::from_f64(value) {
        Some(exact) => lang.number(exact, decimals),
        None => format!("{value:.0}"),
    }
}

/// The next step of 1, 2, 2.5 or 5 times a power of ten.
fn nice(raw: f64) -> f64 {
    if !raw.is_finite() || raw <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(raw.log10().floor());
    let lead = raw / power;
    let nice = [1.0, 2.0, 2.5, 5.0].into_iter().find(|n| lead <= n * 1.000_001).unwrap_or(10.0);
    nice * power
}

fn decimals_of(step: f64) -> u32 {
    (0..6)
        .find(|d| {
            let scaled = step * 10f64.powi(*d as i32);
            (scaled - scaled.round()).abs() < scaled.abs() * 1e-6
        })
        .unwrap_or(6)
}

/// Which of `count` labels to print so that each has `needed` pixels; the last one is always among them.
pub fn thinned(count: usize, needed: f64, slot: f64) -> Vec<usize> {
    if count == 0 {
        return Vec::new();
    }
    let every = if slot > 0.0 { ((needed / slot).ceil() as usize).clamp(1, count) } else { count };
    (0..count).filter(|i| (count - 1 - i).is_multiple_of(every)).collect()
}

/// Places near the wanted ones, ascending like them, at least `gap` apart and within the ends if they all fit.
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    // Each pool sits at the mean of what its members want: the least movement in total.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (i, want) in wanted.iter().enumerate() {
        let mut pool = (want - i as f64 * gap, 1);
        while let Some(last) = pools.last().copied() {
            if last.0 <= pool.0 {
                break;
            }
            pools.pop();
            let members = last.1 + pool.1;
            pool = ((last.0 * last.1 as f64 + pool.0 * pool.1 as f64) / members as f64, members);
        }
        pools.push(pool);
    }
    let room = high - wanted.len().saturating_sub(1) as f64 * gap;
    let places = pools.iter().flat_map(|(at, members)| std::iter::repeat_n(at.min(room).max(low), *members));
    places.enumerate().map(|(i, at)| at + i as f64 * gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_finite_and_hold_their_values() {
        let cases: [&[f64]; 9] = [
            &[],
            &[0.0, 0.0],
            &[5.0],
            &[-5.0],
            &[1e13, 1e13 + 1.0],
            &[1e-7, 2e-7],
            &[-3.0, 8.0],
            &[f64::NAN, f64::INFINITY, 2.0],
            &[7e28, -7e28],
        ];
        for values in cases {
            for zero in [true, false] {
                let axis = Axis::over(values.iter().copied(), zero, 5);
                assert!(axis.low.is_finite() && axis.high.is_finite() && axis.low < axis.high, "{values:?} {axis:?}");
                assert!((2..=21).contains(&axis.ticks.len()), "{values:?} {axis:?}");
                for v in values.iter().filter(|v| v.is_finite()) {
                    assert!(axis.low <= v + v.abs() * 1e-9 && axis.high >= v - v.abs() * 1e-9, "{v} {axis:?}");
                }
                assert!(!zero || (axis.low <= 0.0 && axis.high >= 0.0));
            }
        }
    }

    #[test]
    fn a_line_far_from_zero_does_not_begin_there() {
        assert_eq!(Axis::over([52.0, 58.0].into_iter(), false, 5).low, 52.0);
        assert_eq!(Axis::over([52.0, 58.0].into_iter(), true, 5).low, 0.0);
        assert_eq!(Axis::over([2.0, 58.0].into_iter(), false, 5).low, 0.0);
    }

    #[test]
    fn ticks_have_the_decimals_they_need() {
        let axis = Axis::over([0.0, 1.1].into_iter(), true, 5);
        assert_eq!(axis.decimals, 2);
        assert_eq!(axis.tick(axis.ticks[1], Lang::En), "0.25");
        assert_eq!(Axis::over([0.0, 5e12].into_iter(), true, 5).tick(5e12, Lang::Es), "5,000,000,000,000");
    }

    #[test]
    fn labels_are_thinned_from_the_last() {
        assert_eq!(thinned(5, 10.0, 20.0), [0, 1, 2, 3, 4]);
        assert_eq!(thinned(6, 30.0, 20.0), [1, 3, 5]);
        assert_eq!(thinned(3, 500.0, 20.0), [2]);
        assert!(thinned(0, 1.0, 1.0).is_empty());
    }

    #[test]
    fn labels_are_pushed_apart_and_stay_inside() {
        let places = spread(&[10.0, 11.0, 12.0, 90.0], 15.0, 0.0, 100.0);
        assert!(places.windows(2).all(|p| p[1] - p[0] >= 15.0 - 1e-9), "{places:?}");
        assert_eq!(places[3], 90.0);
        assert!(places[0] >= 0.0);
        let low = spread(&[98.0, 99.0, 100.0], 15.0, 0.0, 100.0);
        assert_eq!(low, [70.0, 85.0, 100.0]);
        assert_eq!(spread(&[20.0, 80.0], 15.0, 0.0, 100.0), [20.0, 80.0]);
    }
}
