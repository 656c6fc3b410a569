//! What a card says.

use crate::components::icon::Shape;
use crate::components::words;
use domain::request::{KeyOutcome, RequestState, ValueRequest};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Up to here hours say more than days.
const TWO_DAYS: i64 = 2 * DAY;

/// "Agent asks for 3 values"; "asked" once it is closed.
pub fn title(request: &ValueRequest) -> String {
    let asks = if request.state == RequestState::Pending { "asks" } else { "asked" };
    format!("{} {asks} for {}", request.asked_by, words::count(request.keys.len(), "value"))
}

/// "2 of 3 answered", with what ended it where something did.
pub fn figures(request: &ValueRequest) -> String {
    let counts = |outcome: KeyOutcome| !matches!(outcome, KeyOutcome::Expired | KeyOutcome::Cancelled);
    let answered = request.keys.iter().filter(|key| key.outcome.is_some_and(counts)).count();
    let of = format!("{answered} of {} answered", request.keys.len());
    match request.state {
        RequestState::Pending => of,
        RequestState::Answered => match request.keys.len() {
            1 => "Answered".to_owned(),
            _ => "All answered".to_owned(),
        },
        RequestState::Expired => format!("Expired, {of}"),
        RequestState::Cancelled => format!("Dismissed, {of}"),
    }
}

/// The sentence that is read out when a request is closed.
pub fn closed(request: &ValueRequest) -> String {
    let what = match request.state {
        RequestState::Pending => "is open",
        RequestState::Answered => "is answered",
        RequestState::Expired => "expired",
        RequestState::Cancelled => "was dismissed",
    };
    format!("The request of {} {what}.", request.asked_by)
}

/// "expires in 23 h", from the milliseconds that are left.
pub fn time_left(left: i64) -> String {
    match left {
        ..=0 => "expires any moment".to_owned(),
        1..MINUTE => "expires in less than a minute".to_owned(),
        MINUTE..HOUR => format!("expires in {} min", left / MINUTE),
        HOUR..TWO_DAYS => format!("expires in {} h", left / HOUR),
        TWO_DAYS.. => format!("expires in {} days", left / DAY),
    }
}

/// The chip of a key that cannot be filled in here (any more).
pub fn outcome(outcome: Option<KeyOutcome>) -> (&'static str, Shape, &'static str) {
    match outcome {
        None => ("Waiting", Shape::Circle, "plain"),
        Some(KeyOutcome::Submitted) => ("Submitted", Shape::Check, "good"),
        Some(KeyOutcome::AlreadySet) => ("Already set", Shape::Check, "good"),
        Some(KeyOutcome::Skipped) => ("Skipped", Shape::Dash, "plain"),
        Some(KeyOutcome::Expired) => ("Expired", Shape::Dash, "warn"),
        Some(KeyOutcome::Cancelled) => ("Dismissed", Shape::Dash, "plain"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::request;

    fn sample(state: RequestState) -> ValueRequest {
        let last = (state == RequestState::Cancelled).then_some(KeyOutcome::Cancelled);
        let keys =
            [("A", true, Some(KeyOutcome::Submitted)), ("B", false, Some(KeyOutcome::Skipped)), ("C", true, last)];
        ValueRequest { state, ..request("r", keys) }
    }

    #[test]
    fn a_card_says_who_asks_for_how_much_and_how_far_it_is() {
        assert_eq!(title(&sample(RequestState::Pending)), "Agent asks for 3 values");
        assert_eq!(title(&sample(RequestState::Answered)), "Agent asked for 3 values");
        assert_eq!(figures(&sample(RequestState::Pending)), "2 of 3 answered");
        assert_eq!(figures(&sample(RequestState::Answered)), "All answered");
        assert_eq!(figures(&sample(RequestState::Cancelled)), "Dismissed, 2 of 3 answered");
        assert_eq!(closed(&sample(RequestState::Expired)), "The request of Agent expired.");
    }

    #[test]
    fn the_time_left_is_told_in_the_unit_that_fits() {
        let told = [0, 59_999, MINUTE, 59 * MINUTE, HOUR, DAY - 1, 2 * DAY - 1, 2 * DAY, 30 * DAY].map(time_left);
        let rest = ["any moment", "in less than a minute", "in 1 min", "in 59 min", "in 1 h", "in 23 h", "in 47 h"];
        assert_eq!(told[..7], rest.map(|rest| format!("expires {rest}")));
        assert_eq!(told[7..], ["expires in 2 days", "expires in 30 days"].map(str::to_owned));
    }
}
