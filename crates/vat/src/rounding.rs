//! The three roundings that there are: VAT out of a gross amount, a whole spread over parts, a part of a whole.
//! All in minor units, none by floating point.

use crate::Rate;

/// The VAT in a VAT-inclusive amount: gross x rate / (100 % + rate), half a penny rounded away from zero.
///
/// Rounding down is not allowed to sellers at VAT-inclusive prices; up and down to the nearest penny is, on each
/// document and group of one rate. Source: HMRC VATREC12020 and Notice 700 para. 17.6 (facts C2, C6).
pub fn vat_in(gross: i64, rate: Rate) -> i64 {
    let rate = i128::from(rate.points());
    divided_half_up(i128::from(gross) * rate, 10_000 + rate)
}

/// `total` spread over parts by weight, so that the parts add up to it exactly: each gets its share rounded down, and
/// what is left goes by one unit to those that lost most, the earlier first (largest remainder).
///
/// `None` when a weight is negative, or when there is something to spread and no weight at all.
pub fn spread(total: i64, weights: &[i64]) -> Option<Vec<i64>> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if weights.iter().any(|weight| *weight < 0) || (sum == 0 && total != 0) {
        return None;
    }
    if sum == 0 {
        return Some(vec![0; weights.len()]);
    }
    let size = i128::from(total).abs();
    let mut parts: Vec<i128> = weights.iter().map(|weight| size * i128::from(*weight) / sum).collect();
    let lost = |index: &usize| -> i128 {
        let weight = weights.get(*index).copied().unwrap_or_default();
        size * i128::from(weight) % sum
    };
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(lost(index)));
    let left = size - parts.iter().sum::<i128>();
    for index in order.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        if let Some(part) = parts.get_mut(index) {
            *part += 1;
        }
    }
    let sign = if total < 0 { -1 } else { 1 };
    parts.into_iter().map(|part| i64::try_from(part * sign).ok()).collect()
}

/// The share of `total` that the first `part` of `whole` pieces have, half a unit rounded away from zero. All pieces
/// have all of it, so what is taken piece by piece as the difference of two shares adds up to the total.
///
/// `None` unless 0 <= part <= whole and whole > 0.
pub fn share(total: i64, part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 || part < 0 || part > whole {
        return None;
    }
    Some(divided_half_up(i128::from(total) * i128::from(part), i128::from(whole)))
}

/// Half away from zero; the divisor is above zero. What does not fit 64 bits becomes the nearest that does, which no
/// caller can reach: the result is never larger than the 64-bit amount that went in.
fn divided_half_up(dividend: i128, divisor: i128) -> i64 {
    let size = (dividend.abs() * 2 + divisor) / (divisor * 2);
    let signed = if dividend < 0 { -size } else { size };
    i64::try_from(signed).unwrap_or(if signed < 0 { i64::MIN } else { i64::MAX })
}
