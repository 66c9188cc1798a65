//! Bounds of the server and of the throttle.

use std::ops::RangeInclusive;

use crate::config::problem::Problems;
use crate::config::sections::{LimitsSection, ThrottleSection};
use crate::config::source::At;
use crate::guard::ThrottleSettings;
use crate::http::layers::BodyLimits;
use crate::http::server::ServerSettings;

/// A number that is to be within bounds.
pub fn within(number: &At<u32>, bounds: RangeInclusive<u32>, problems: &mut Problems) {
    if !bounds.contains(&number.value) {
        let (least, most) = bounds.into_inner();
        problems.add(
            &number.place,
            format!("{} is out of bounds", number.value),
            format!("{least} to {most}"),
        );
    }
}

pub fn server(section: &LimitsSection, problems: &mut Problems) -> ServerSettings {
    for span in [
        &section.handshake,
        &section.first_byte,
        &section.head,
        &section.body,
        &section.idle,
        &section.delivery,
    ] {
        if span.is_zero() {
            problems.add(
                &span.place,
                "no client is that fast",
                "a span of time, as \"10 s\"",
            );
        }
    }
    for number in [
        &section.most_connections,
        &section.most_requests,
        &section.most_headers,
        &section.http2_streams,
    ] {
        if number.value == 0 {
            problems.add(&number.place, "0 lets nothing through", "1 or more");
        }
    }
    ServerSettings {
        handshake: section.handshake.value,
        first_byte: section.first_byte.value,
        head: section.head.value,
        idle: section.idle.value,
        delivery: section.delivery.value,
        drain: section.drain.value,
        most_connections: count(&section.most_connections),
        connections_per_network: count(&section.connections_per_network),
        most_requests: count(&section.most_requests),
        longest_turn: section.longest_turn.value,
        longest_target: bytes(section.longest_target.0),
        largest_header_block: bytes(section.largest_header_block.0),
        most_headers: count(&section.most_headers),
        http2_streams: section.http2_streams.value,
        ..ServerSettings::default()
    }
}

pub fn body(section: &LimitsSection) -> BodyLimits {
    BodyLimits {
        largest: bytes(section.largest_body.0),
        whole: section.body.value,
        ..BodyLimits::default()
    }
}

pub fn throttle(section: &ThrottleSection, problems: &mut Problems) -> ThrottleSettings {
    if section.in_flight.value == 0 {
        problems.add(&section.in_flight.place, "0 lets nobody in", "1 or more");
    }
    if section.first_delay.value > section.longest_delay.value {
        problems.add(
            &section.first_delay.place,
            "the first delay cannot be above the longest",
            "a span of time that is not above “longest_delay”",
        );
    }
    if section.spray_success_percent.value > 100 {
        problems.add(
            &section.spray_success_percent.place,
            "a share cannot be above 100 percent",
            "a whole number from 0 to 100",
        );
    }
    ThrottleSettings {
        free: section.free.value,
        first_delay: section.first_delay.value,
        longest_delay: section.longest_delay.value,
        memory: section.memory.value,
        in_flight: section.in_flight.value,
        patience: section.patience.value,
        spray_names: section.spray_names.value,
        spray_success_percent: section.spray_success_percent.value,
        window: section.window.value,
        floor: section.floor.value,
    }
}

fn count(number: &At<u32>) -> usize {
    usize::try_from(number.value).unwrap_or(usize::MAX)
}

fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
