//! The throttle's counters on Redis.

use std::time::Duration;

use async_trait::async_trait;

use super::answers::{self, Parts, strange};
use super::records::span;
use super::scripts::{self, Call, Script};
use super::store::RedisStore;
use crate::tickets::{
    CounterKey, NetworkCount, Reservation, Reserved, Settlement, StoreError, Throttle, ThrottleRule,
};

impl RedisStore {
    fn counter_call(
        &self,
        script: &'static Script,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
    ) -> Call {
        script
            .on(&[self.head().counter(&key.0)])
            .arg(reservation.0.as_slice())
            .arg(span(rule.memory))
            .arg(span(rule.lease))
    }

    fn network_call(&self, network: &CounterKey) -> Call {
        let head = self.head();
        let keys = [head.network(&network.0), head.network_names(&network.0)];
        scripts::NETWORK.on(&keys)
    }
}

#[async_trait]
impl Throttle for RedisStore {
    async fn reserve(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
    ) -> Result<Reserved, StoreError> {
        let call = self
            .counter_call(&scripts::RESERVE, key, rule, reservation)
            .arg(rule.free)
            .arg(span(rule.first_delay))
            .arg(span(rule.longest_delay))
            .arg(rule.in_flight)
            .arg(rule.stop_at);
        let mut parts = Parts::of("reserve", self.write(call).await?)?;
        match parts.number()? {
            0 => Ok(Reserved::Go {
                failures: u32::try_from(parts.number()?).unwrap_or(u32::MAX),
            }),
            1 => Ok(Reserved::Busy),
            2 => Ok(Reserved::Wait(Duration::from_millis(parts.number()?))),
            _ => Err(strange("reserve")),
        }
    }

    async fn settle(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
        settlement: Settlement,
    ) -> Result<u32, StoreError> {
        let ended = match settlement {
            Settlement::Failed => "failed",
            Settlement::Succeeded => "succeeded",
            Settlement::Void => "void",
        };
        let call = self
            .counter_call(&scripts::SETTLE, key, rule, reservation)
            .arg(ended)
            .once();
        let failures = answers::number("settle", &self.write(call).await?)?;
        Ok(u32::try_from(failures).unwrap_or(u32::MAX))
    }

    async fn count_network(
        &self,
        network: &CounterKey,
        name: &CounterKey,
        failed: bool,
        window: Duration,
    ) -> Result<NetworkCount, StoreError> {
        let call = self
            .network_call(network)
            .arg(span(window))
            .arg(if failed { "failed" } else { "succeeded" })
            .arg(name.0.as_slice())
            .once();
        counted(self.write(call).await?)
    }

    async fn network(&self, network: &CounterKey) -> Result<NetworkCount, StoreError> {
        counted(self.read(self.network_call(network)).await?)
    }
}

fn counted(answer: redis::Value) -> Result<NetworkCount, StoreError> {
    let mut parts = Parts::of("network", answer)?;
    Ok(NetworkCount {
        successes: parts.number()?,
        failures: parts.number()?,
        distinct_failing: parts.number()?,
    })
}
