//! Moments on the screen: in UTC as the server renders them, in local time once the page is taken over.

use super::browser;
use crate::components::reactive::reactive;
use leptos::prelude::*;
use std::time::Duration;

/// How often what depends on the time of day is told anew.
const TICK: Duration = Duration::from_secs(20);
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Whether moments are shown in local time yet. One for the whole page.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<bool>);

impl Clock {
    /// Starts in UTC and turns to local time once the page is taken over.
    pub fn new() -> Self {
        let local = RwSignal::new(false);
        Effect::new(move || local.set(true));
        Self(local)
    }

    /// The date of a moment in the zone that the page shows.
    pub fn date(self, at: i64) -> String {
        date(at, if self.0.get() { browser::minutes_ahead_of_utc(at) } else { 0 })
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// A moment split for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Parts {
    /// Splits milliseconds since 1970 (Gregorian calendar, days counted from 1 March of year 0).
    fn of(milliseconds: i64) -> Self {
        let seconds = milliseconds.div_euclid(1_000);
        let (days, rest) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month: usize::try_from(month).unwrap_or(1),
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }
}

/// `2026-11-23T18:55:50Z`, for `datetime` attributes.
pub fn machine_time(at: i64) -> String {
    let Parts { year, month, day, hour, minute, second } = Parts::of(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `18:55` in a zone that is so many minutes ahead of UTC.
pub fn time_of_day(at: i64, ahead: i64) -> String {
    let Parts { hour, minute, .. } = Parts::of(at + ahead * 60_000);
    format!("{hour:02}:{minute:02}")
}

/// `23 Nov 2026, 18:55` in a zone that is so many minutes ahead of UTC.
pub fn date_and_time(at: i64, ahead: i64) -> String {
    format!("{}, {}", date(at, ahead), time_of_day(at, ahead))
}

/// `23 Nov 2026` in a zone that is so many minutes ahead of UTC.
pub fn date(at: i64, ahead: i64) -> String {
    let Parts { year, month, day, .. } = Parts::of(at + ahead * 60_000);
    format!("{day} {} {year}", MONTHS.get(month - 1).copied().unwrap_or_default())
}

/// The time, now and then; it starts with the time at which the server rendered the page and keeps to its clock.
pub fn ticking(rendered_at: i64) -> RwSignal<i64> {
    let now = RwSignal::new(rendered_at);
    Effect::new(move || {
        let ahead = rendered_at - browser::now();
        let tick = set_interval_with_handle(move || now.set(browser::now() + ahead), TICK);
        if let Ok(tick) = tick {
            on_cleanup(move || tick.clear());
        }
    });
    now
}

/// A moment.
#[component]
pub fn Moment(
    /// Milliseconds since 1970 UTC.
    at: i64,
    /// Only the time of day, the date in the tooltip.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let full = move || match clock.0.get() {
        true => date_and_time(at, browser::minutes_ahead_of_utc(at)),
        false => format!("{} UTC", date_and_time(at, 0)),
    };
    let text = reactive(move || match (short, clock.0.get()) {
        (false, _) => full(),
        (true, true) => time_of_day(at, browser::minutes_ahead_of_utc(at)),
        (true, false) => time_of_day(at, 0),
    });
    view! {
        <time class="moment" datetime=machine_time(at) title=full>
            {text}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_split_by_the_calendar() {
        assert_eq!(machine_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(machine_time(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(machine_time(1_795_460_150_999), "2026-11-23T18:55:50Z");
        assert_eq!(machine_time(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn local_time_may_be_another_day() {
        let late = 1_795_460_150_000;
        assert_eq!(date_and_time(late, 0), "23 Nov 2026, 18:55");
        assert_eq!(date_and_time(late, 330), "24 Nov 2026, 00:25");
        assert_eq!((date(late, 0).as_str(), date(late, 330).as_str()), ("23 Nov 2026", "24 Nov 2026"));
        assert_eq!(time_of_day(late, -480), "10:55");
    }
}
