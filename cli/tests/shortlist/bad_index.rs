use std::fs;

use crate::ground::Ground;

const COMMANDS: [&str; 6] = [
    "info --index idx",
    "verify --index idx",
    "search --index idx --limit 1",
    "match --index idx --limit 1",
    "get --index idx adv-000001",
    "schema --index idx",
];

fn every_command_refuses(ground: &Ground, code: &str) {
    for command in COMMANDS {
        ground.run(command).refused(code);
    }
}

#[test]
fn a_truncated_index_is_refused() {
    let ground = Ground::with_index();
    let file = ground.snapshot();
    let whole = fs::read(&file).expect("a snapshot");
    for length in [whole.len() - 1, whole.len() / 2, 60, 20] {
        fs::write(&file, &whole[..length]).expect("a file");
        ground.run("verify --index idx").refused("SL2002");
    }
    every_command_refuses(&ground, "SL2002");
}

#[test]
fn a_flipped_bit_anywhere_that_counts_is_refused() {
    let ground = Ground::with_index();
    let file = ground.snapshot();
    let whole = fs::read(&file).expect("a snapshot");
    let mut refused = 0;
    for step in 0..16 {
        let mut flipped = whole.clone();
        flipped[12 + step * (whole.len() - 13) / 15] ^= 0x10;
        fs::write(&file, &flipped).expect("a file");
        let ran = ground.run("verify --index idx");
        // The zeros between sections are nobody's: a flip there changes nothing.
        if ran.code == Some(0) {
            continue;
        }
        ran.refused("SL2002");
        refused += 1;
    }
    assert!(refused >= 12, "{refused} of 16");
}

#[test]
fn an_index_of_a_newer_format_is_refused() {
    let ground = Ground::with_index();
    let file = ground.snapshot();
    let mut newer = fs::read(&file).expect("a snapshot");
    newer[8..12].copy_from_slice(&99_u32.to_le_bytes());
    fs::write(&file, &newer).expect("a file");
    every_command_refuses(&ground, "SL2003");
}

#[test]
fn an_empty_file_a_foreign_directory_and_nothing_at_all_are_no_index() {
    let ground = Ground::new();
    every_command_refuses(&ground, "SL2001");
    ground.write("idx", "");
    every_command_refuses(&ground, "SL2001");
    fs::remove_file(ground.path("idx")).expect("a file");
    fs::create_dir(ground.path("idx")).expect("a directory");
    every_command_refuses(&ground, "SL2001");
    ground.write("idx/letter.txt", "dear");
    every_command_refuses(&ground, "SL2001");

    let ground = Ground::with_index();
    fs::write(ground.snapshot(), "").expect("a file");
    every_command_refuses(&ground, "SL2001");
}
