//! What every store remembers of the logout messages of a sign-out.

use mereau::base::names::ServiceId;
use mereau::tickets::{FAREWELL_LIFE, FarewellId, FarewellLine, Told};

pub use super::World;
use super::{SECOND, attempt};

fn line(number: u16, service: &str, told: Told) -> FarewellLine {
    FarewellLine {
        number,
        service: ServiceId::new(service).unwrap(),
        told,
    }
}

pub async fn what_became_of_messages_is_told_line_by_line_and_forgotten(world: World) {
    // CAS-198
    let farewells = world.place.farewells();
    let of = FarewellId(attempt());
    assert_eq!(farewells.lines(&of).await.unwrap(), []);
    farewells.note(&of, &[]).await.unwrap();
    let begun: Vec<_> = (0..12).map(|n| line(n, "notes", Told::Underway)).collect();
    farewells.note(&of, &begun).await.unwrap();
    assert_eq!(farewells.lines(&of).await.unwrap(), begun);
    farewells
        .note(&of, &[line(10, "notes", Told::Yes)])
        .await
        .unwrap();
    farewells
        .note(&of, &[line(2, "notes", Told::No), line(12, "portail", Told::Yes)])
        .await
        .unwrap();
    let lines = farewells.lines(&of).await.unwrap();
    assert_eq!(lines.len(), 13);
    assert_eq!((lines[2].told, lines[10].told), (Told::No, Told::Yes));
    assert_eq!(lines[12], line(12, "portail", Told::Yes));
    assert_eq!(farewells.lines(&FarewellId(attempt())).await.unwrap(), []);
    world.pass(FAREWELL_LIFE + SECOND).await;
    assert_eq!(farewells.lines(&of).await.unwrap(), []);
}
