//! What is read as a time, and which one.

use super::*;
use jiff::civil::date;

#[track_caller]
fn check(text: &str, said: Date, expected: &[&str]) {
    let phrases: Vec<String> = times(text, said).into_iter().map(|one| one.phrase).collect();
    assert_eq!(phrases, expected, "{text}");
}

#[test]
fn days_are_exact() {
    let said = date(2023, 5, 8);
    check("I went to the group yesterday.", said, &["7 May 2023"]);
    check("See you tomorrow!", said, &["9 May 2023"]);
    check("We met three days ago", said, &["5 May 2023"]);
    check("born on 13 August 1990, party Aug 14th", said, &["13 August 1990", "14 August 2023"]);
    check("On May 3, 2023 and 2023-04-01", said, &["3 May 2023", "1 April 2023"]);
    check("last night was fun", date(2024, 3, 1), &["29 February 2024"]);
}

#[test]
fn coarse_words_stay_coarse() {
    let said = date(2023, 6, 9);
    check("last week", said, &["the week before 9 June 2023"]);
    check("two weeks ago", said, &["two weeks before 9 June 2023"]);
    check("last Friday", said, &["Friday, 2 June 2023"]);
    check("next month", said, &["July 2023"]);
    check("a few years ago", said, &["a few years before 2023"]);
    check("4 years ago", said, &["2019"]);
    check("last summer, last year", said, &["the summer of 2022", "2022"]);
    check("this weekend", said, &["the weekend of 10 June 2023"]);
    check("since 2016", said, &["2016"]);
    check("last Christmas", said, &["25 December 2022"]);
}

#[test]
fn ranges_hold_the_days_that_are_meant() {
    let said = date(2023, 7, 17); // a Monday
    let week = &times("last week", said)[0];
    assert_eq!((week.first, week.last), (date(2023, 7, 10), date(2023, 7, 16)));
    let friday = &times("last Friday", said)[0];
    assert_eq!((friday.first, friday.last), (date(2023, 7, 14), date(2023, 7, 14)));
    let weekend = &times("last weekend", said)[0];
    assert_eq!((weekend.first, weekend.last), (date(2023, 7, 15), date(2023, 7, 16)));
}

#[test]
fn plans_lie_ahead() {
    let said = date(2024, 1, 4);
    check("I signed up for the race on 6 October.", said, &["6 October 2024"]);
    check("I signed up on 20 December.", said, &["20 December 2023"]);
    check("We ran the race on 6 October.", said, &["6 October 2023"]);
    check("We'll move house in August", said, &["August 2024"]);
}

#[test]
fn months_that_are_also_words_need_their_capital() {
    let said = date(2023, 6, 9);
    check("I may march 5 miles", said, &[]);
    check("in May we moved", said, &["May 2023"]);
}

#[test]
fn every_pattern_compiles() {
    assert_eq!(PATTERNS.exact.len(), 24);
    assert_eq!(PATTERNS.rough.as_ref().map(RegexSet::len), Some(24));
}

#[test]
fn a_weekday_alone_is_a_day_and_one_of_many_is_none() {
    let said = date(2024, 4, 14);
    check("roof's on, finished tuesday", said, &["Tuesday, 9 April 2024"]);
    check("Saturday hurt.", said, &["Saturday, 13 April 2024"]);
    check("the appointment is on Friday", said, &["Friday, 19 April 2024"]);
    check("we row every Sunday, on Sundays and each Monday", said, &[]);
    check("he sat in the sun, wed to it", said, &[]);
    check("no hoses since Mon", said, &["Monday, 8 April 2024"]);
}

#[test]
fn a_weekday_beside_its_date_is_one_day() {
    let said = date(2026, 11, 30); // a Monday
    let thursday = &["Thursday, 10 December 2026"];
    check("The dentist is on Thursday 10 December at 8:30", said, thursday);
    check("dentist Thu Dec 10", said, thursday);
    check("the dentist, Thursday the 10th", said, thursday);
    check("Thursday, December the 10th, 2026", said, thursday);
    check("thurs 10th of dec.", said, thursday);
    // The weekday tells the year…
    check("it was on Thursday 10 December", date(2028, 2, 1), thursday);
    // …unless it is a slip.
    check("it is on Friday 10 December 2026", said, thursday);
    check("we met on Monday the 2nd", said, &["Monday, 2 November 2026"]);
    check("Monday 2 pm", said, &["Monday, 23 November 2026"]);
}

#[test]
fn what_is_told_as_lying_ahead_lies_ahead() {
    let said = date(2026, 11, 30); // a Monday
    let (wednesday, friday) = ("Wednesday, 2 December 2026", "Friday, 4 December 2026");
    check("the dentist is on Friday", said, &[friday]);
    check("I have to call them on Wednesday", said, &[wednesday]);
    check("On Friday we're meeting Ines", said, &[friday]);
    check("Dad's operation went well, he comes home on Friday.", said, &[friday]);
    check(
        "we met on Wednesday, and the concert is on Friday",
        said,
        &["Wednesday, 25 November 2026", friday],
    );
    check("the concert on Friday was loud", said, &["Friday, 27 November 2026"]);
    check("I was supposed to see her on Friday", said, &["Friday, 27 November 2026"]);
    check("I should be done by Friday", said, &[friday]);
    check("Her exams start on 3 June", said, &["3 June 2027"]);
}

#[test]
fn a_day_of_some_month_is_the_nearest() {
    let said = date(2024, 5, 11);
    check("80 ON THE 25TH", said, &["25 May 2024"]);
    check("she arrived on the 30th", said, &["30 April 2024"]);
    check("it is due by the 2nd", said, &["2 June 2024"]);
    check("on the 4th of June", said, &["4 June 2024"]);
    check("the 25th anniversary, until the 31st", date(2024, 2, 10), &["31 January 2024"]);
}

#[test]
fn feasts_are_days() {
    let said = date(2024, 1, 20);
    check("Fell on the ice on Hogmanay", said, &["31 December 2023"]);
    check("since New Year’s Eve, at Easter", said, &["31 December 2023", "31 March 2024"]);
    check("last Halloween, next Christmas Eve", said, &["31 October 2023", "24 December 2024"]);
    check("on St. Patrick's Day or Valentine's day", said, &["17 March 2024", "14 February 2024"]);
    check("a Christmas tree, an Easter egg", said, &[]);
}

proptest::proptest! {
    #[test]
    fn written_days_are_read_back(days in 0_i32..60_000) {
        let day = date(1900, 1, 1).checked_add(days.days()).unwrap();
        let read = times(&format!("it was {}.", written(day)), date(2023, 5, 8));
        proptest::prop_assert_eq!(read.len(), 1);
        proptest::prop_assert_eq!((read[0].first, read[0].last), (day, day));
    }

    #[test]
    fn the_rough_patterns_leave_nothing_out(text in "(last |the day |in |on |ago|a few |[0-9٣]{1,4}|-| |may|May|é|days |’|friday|Sun|of |before |recently){0,10}") {
        let (said, lower) = (date(2023, 5, 8), text.to_ascii_lowercase());
        let all: Vec<_> = PATTERNS.exact.iter().flat_map(|(pattern, _)| pattern.find_iter(&lower)).collect();
        for (place, (pattern, _)) in PATTERNS.exact.iter().enumerate() {
            let rough = PATTERNS.rough.as_ref().unwrap().matches(&lower);
            proptest::prop_assert!(!pattern.is_match(&lower) || rough.matched(place));
        }
        proptest::prop_assert_eq!(has_time(&text, said), !times(&text, said).is_empty());
        proptest::prop_assert!(times(&text, said).len() <= all.len());
    }

    #[test]
    fn ranges_lie_in_the_text(text in "(last |next |this |[0-9]{1,4} |week|May |é|days ago|Friday| ){0,8}") {
        for one in times(&text, date(2023, 5, 8)) {
            proptest::prop_assert!(text.get(one.range.clone()).is_some());
            proptest::prop_assert!(one.first <= one.last);
        }
    }
}
