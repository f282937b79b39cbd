//! What the generated advisors say of themselves.

use super::Traits;
use super::random::Random;
use super::words::{
    CLIENTS, INDUSTRIES, OUTCOMES, QUALITIES, SENIORITY, SERVICES, THINGS, TOOLS, VERBS,
};

/// Title, headline and bio of one advisor.
pub(super) struct Written {
    pub(super) title: String,
    pub(super) headline: String,
    pub(super) bio: String,
}

/// Writes them.
pub(super) fn write(traits: &Traits, years: u32, random: &mut Random) -> Written {
    let step = *random.pick(SENIORITY[traits.seniority]);
    let industry = INDUSTRIES[traits.industries[0]];
    let title = match random.below(10) {
        0..6 => step.to_owned(),
        6..8 => format!("{step}, {industry}"),
        _ => format!("{step} | {}", SERVICES[traits.services[0]]),
    };
    let headline = match random.below(4) {
        0 => format!("{} for {}", SERVICES[traits.services[0]], random.often(&CLIENTS)),
        1 => format!("{step} helping {} with {}", random.often(&CLIENTS), random.often(&THINGS)),
        2 => {
            format!("{industry} finance leader: {} and {}", random.often(&THINGS), quality(random))
        }
        _ => format!("{years}+ years in {industry}, {}", random.often(&OUTCOMES)),
    };
    let sentences = 2 + random.below(4);
    let bio: Vec<String> =
        (0..sentences).map(|place| sentence(place, traits, years, random)).collect();
    Written { title, headline, bio: bio.join(" ") }
}

fn quality(random: &mut Random) -> String {
    format!("{} {}", random.often(&QUALITIES), random.often(&THINGS))
}

fn sentence(place: usize, traits: &Traits, years: u32, random: &mut Random) -> String {
    let industry = INDUSTRIES[*random.pick(&traits.industries)];
    let service = SERVICES[*random.pick(&traits.services)];
    let shape = if place == 0 { random.below(3) } else { random.below(7) };
    match shape {
        0 => format!("{years} years of {} in {industry}.", quality(random)),
        1 => format!(
            "Helps {} with {service} and {}.",
            random.often(&CLIENTS),
            random.often(&THINGS)
        ),
        2 => format!(
            "I {} {} for {} {}.",
            random.often(&VERBS),
            quality(random),
            random.often(&CLIENTS),
            random.often(&OUTCOMES)
        ),
        3 => format!(
            "Known for {}, {} and {}.",
            random.often(&THINGS),
            quality(random),
            random.often(&THINGS)
        ),
        4 => format!(
            "Previously {} at a {industry} company, where I {} {} {}.",
            random.pick(SENIORITY[traits.seniority.saturating_sub(1)]),
            random.often(&VERBS),
            random.often(&THINGS),
            random.often(&OUTCOMES)
        ),
        5 => format!("Works in {} and {}.", random.often(&TOOLS), random.often(&TOOLS)),
        _ => format!(
            "My team {} and {} {} {}.",
            random.often(&VERBS),
            random.often(&VERBS),
            quality(random),
            random.often(&OUTCOMES)
        ),
    }
}
