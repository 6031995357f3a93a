//! Which number of a date is the day, decided over all dates of a file.

use super::Written;
use crate::import::{DateOrder, Sink};
use jiff::civil::Date;
use std::collections::HashMap;

/// The order of each way of writing dates that a file has. A file that was put together from
/// several has several.
#[derive(Debug, Default)]
pub(in crate::import) struct Orders(HashMap<Style, DateOrder>);

type Style = (char, bool);

/// Which ways of writing a date look alike: the separator, and whether the year stands first.
fn style(written: Written) -> Style {
    (written.separator, written.digits[0] == 4)
}

/// How the dates of one style come out in one order.
struct Reading {
    order: DateOrder,
    /// Dates that do not exist.
    impossible: usize,
    /// Dates that are another day of the week than the one that stands beside them.
    denied: usize,
    /// Steps back in time, where a file goes forward.
    backward: usize,
    /// The days between neighbours, added up.
    days: u64,
}

impl Orders {
    /// Decides from the dates of a file, in its order. `halves` says that its times are written
    /// with AM and PM in Latin letters, as where the month comes first. What cannot be known for
    /// certain is a warning.
    pub(in crate::import) fn decide(
        dates: &[Written],
        halves: bool,
        forced: Option<DateOrder>,
        sink: &mut dyn Sink,
    ) -> Self {
        let mut styles: Vec<Style> = dates.iter().map(|written| style(*written)).collect();
        styles.sort_unstable();
        styles.dedup();
        let mut orders = HashMap::new();
        for one in styles {
            let of_style: Vec<Written> =
                dates.iter().copied().filter(|written| style(*written) == one).collect();
            orders.insert(one, decide(&of_style, halves, forced, sink));
        }
        Self(orders)
    }

    /// The order of a file that is known to write the day first.
    pub(in crate::import) fn day_first() -> Self {
        let styles = [('.', false), ('/', false), ('-', false)];
        Self(styles.into_iter().map(|style| (style, DateOrder::DayFirst)).collect())
    }

    /// The order of a file that is known to write the year first, in four digits.
    pub(in crate::import) fn year_first() -> Self {
        let styles = [('.', true), ('/', true), ('-', true), ('年', true), ('년', true)];
        Self(styles.into_iter().map(|style| (style, DateOrder::YearFirst)).collect())
    }

    /// The day that a date of the file means; `None` where there is no such day.
    pub(in crate::import) fn date(&self, written: Written) -> Option<Date> {
        if written.separator == super::NAMED {
            return written.date(DateOrder::DayFirst);
        }
        let order = *self.0.get(&style(written))?;
        let unlike = match order {
            DateOrder::DayFirst => DateOrder::MonthFirst,
            DateOrder::MonthFirst => DateOrder::DayFirst,
            DateOrder::YearFirst => DateOrder::YearFirst,
        };
        written.date(order).or_else(|| written.date(unlike))
    }
}

/// So many dates of one mind leave no doubt.
pub(super) const MANY: usize = 8;

fn decide(
    dates: &[Written],
    halves: bool,
    forced: Option<DateOrder>,
    sink: &mut dyn Sink,
) -> DateOrder {
    use DateOrder::{DayFirst, MonthFirst, YearFirst};
    let four = |at: usize| dates.iter().any(|written| written.digits[at] == 4);
    // A year of four digits leaves no choice about itself.
    let possible: &[DateOrder] = if four(0) {
        &[YearFirst]
    } else if four(1) {
        &[DayFirst, MonthFirst]
    } else {
        &[DayFirst, MonthFirst, YearFirst]
    };
    if let Some(forced) = forced.filter(|order| possible.contains(order)) {
        return forced;
    }
    let mut readings: Vec<Reading> =
        possible.iter().map(|order| Reading::of(dates, *order)).collect();
    let fewest = readings.iter().map(|reading| reading.impossible).min().unwrap_or(0);
    readings.retain(|reading| reading.impossible == fewest);
    // A day of the week beside a date leaves no doubt; one that is wrong everywhere tells nothing.
    let fewest = readings.iter().map(|reading| reading.denied).min().unwrap_or(0);
    readings.retain(|reading| reading.denied == fewest);
    // Years first in two digits are rare: only where nothing else can be.
    if readings.len() > 1 {
        readings.retain(|reading| reading.order != YearFirst || dates[0].separator == '-');
    }
    if let [only] = readings.as_slice() {
        return only.order;
    }
    let backward = readings.iter().map(|reading| reading.backward).min().unwrap_or(0);
    readings.retain(|reading| reading.backward == backward);
    if let [only] = readings.as_slice() {
        return only.order;
    }
    // From here on it is a guess: a chat has small gaps, a full stop stands where the day comes
    // first, AM and PM where the month does.
    let fewest = readings.iter().map(|reading| reading.days).min().unwrap_or(0);
    let equal = readings.iter().all(|reading| reading.days == fewest);
    let preferred = match dates[0].separator {
        '/' if halves => MonthFirst,
        _ => DayFirst,
    };
    let guess = if equal {
        readings.iter().find(|reading| reading.order == preferred)
    } else {
        readings.iter().find(|reading| reading.days == fewest)
    };
    // Hardly a day between dates in one order and a month in the other is no accident.
    let clear = dates.len() >= MANY
        && !equal
        && readings
            .iter()
            .all(|reading| reading.days == fewest || reading.days / MANY as u64 > fewest);
    let guess = guess.or(readings.first()).map_or(DayFirst, |reading| reading.order);
    // A day that is its month too can be read in one way only.
    let same = |written: &Written| written.date(DayFirst) == written.date(MonthFirst);
    if !clear && dates[0].separator != '.' && !dates.iter().all(same) {
        let (name, other) = match guess {
            DayFirst => ("the day", "mdy"),
            MonthFirst => ("the month", "dmy"),
            YearFirst => ("the year", "dmy"),
        };
        let [a, b, c] = dates[0].numbers;
        let sign = dates[0].separator;
        sink.warning(format!(
            "dates such as {a}{sign}{b}{sign}{c} were read with {name} first, which nothing in the \
             file makes certain; if that is wrong, import with --date-order {other}"
        ));
    }
    guess
}

impl Reading {
    fn of(dates: &[Written], order: DateOrder) -> Self {
        let mut reading = Self { order, impossible: 0, denied: 0, backward: 0, days: 0 };
        let mut last: Option<Date> = None;
        for written in dates {
            let Some(date) = written.date(order) else {
                reading.impossible += 1;
                continue;
            };
            reading.denied += usize::from(written.week.denies(date));
            if let Some(last) = last {
                reading.backward += usize::from(date < last);
                let days = (date - last).get_days();
                reading.days += u64::from(days.unsigned_abs());
            }
            last = Some(date);
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::Counting;

    /// Decides over dates and returns how the first is read, and whether with a warning.
    fn check(dates: &[&str], halves: bool, expected: &str, certain: bool) {
        let read: Vec<Written> = dates.iter().map(|text| Written::read(text).unwrap().0).collect();
        let mut sink = Counting::default();
        let orders = Orders::decide(&read, halves, None, &mut sink);
        assert_eq!(orders.date(read[0]).unwrap().to_string(), expected, "{dates:?}");
        assert_eq!(sink.warnings.is_empty(), certain, "{dates:?}: {:?}", sink.warnings);
    }

    #[test]
    fn one_impossible_date_decides() {
        check(&["01/02/20", "13/02/20"], false, "2020-02-01", true);
        check(&["01/02/20", "01/13/20"], false, "2020-01-02", true);
        check(&["2020/02/01"], false, "2020-02-01", true);
        check(&["1.2.2020"], false, "2020-02-01", true);
        check(&["20-02-01", "20-02-28"], false, "2020-02-01", false);
    }

    #[test]
    fn the_day_of_the_week_decides() {
        check(&["05/01/2024 (Wed)"], false, "2024-05-01", true);
        check(&["05/01/2024, Friday"], false, "2024-01-05", true);
        check(&["05.01.24 Mi"], false, "2024-05-01", true);
        // A wrong one tells nothing.
        check(&["05/01/2024 (Tue)"], false, "2024-01-05", false);
        let written = Written::read("05/01/2024").unwrap().0.on("Wed,");
        let mut sink = Counting::default();
        let orders = Orders::decide(&[written], false, None, &mut sink);
        assert_eq!(orders.date(written).unwrap().to_string(), "2024-05-01");
        assert!(sink.warnings.is_empty());
    }

    #[test]
    fn files_go_forward() {
        check(&["12/01/20", "01/02/20"], false, "2020-01-12", true);
        check(&["01/12/20", "02/01/20"], false, "2020-01-12", true);
    }

    #[test]
    fn many_small_gaps_are_no_guess() {
        let days: Vec<String> = (1..=12).map(|day| format!("{day:02}/03/20")).collect();
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        check(&days, true, "2020-03-01", true);
    }

    #[test]
    fn guesses_are_said_to_be_guesses() {
        check(&["03/04/20"], false, "2020-04-03", false);
        check(&["03/04/20"], true, "2020-03-04", false);
        check(&["03/04/20", "04/04/20", "05/04/20"], true, "2020-04-03", false);
        check(&["04/04/20"], false, "2020-04-04", true);
    }

    #[test]
    fn each_way_of_writing_by_itself() {
        check(&["05.05.23", "1/23/23", "2023/5/4"], false, "2023-05-05", true);
        let read = ["05.06.23", "1/23/23", "2023/5/4"].map(|text| Written::read(text).unwrap().0);
        let orders = Orders::decide(&read, false, None, &mut Counting::default());
        let days = read.map(|written| orders.date(written).unwrap().to_string());
        assert_eq!(days, ["2023-06-05", "2023-01-23", "2023-05-04"]);
    }

    #[test]
    fn the_order_can_be_forced() {
        let read = [Written::read("03/04/20").unwrap().0];
        let mut sink = Counting::default();
        let orders = Orders::decide(&read, false, Some(DateOrder::MonthFirst), &mut sink);
        assert_eq!(orders.date(read[0]).unwrap().to_string(), "2020-03-04");
        assert!(sink.warnings.is_empty());
    }
}
