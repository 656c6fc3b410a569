//! Short ways to write secrets in tests.

use crate::api::secrets::SecretView;
use domain::secret_use::{FileUse, SecretUse, Without};
use domain::{KeyName, RelativePath};

pub fn secret(key: &str) -> SecretView {
    SecretView {
        key: KeyName::new(key).expect("a key"),
        description: None,
        version: 1,
        set_by: "Ada".to_owned(),
        set_at: 0,
        length: Some(3),
        fingerprint: "x".to_owned(),
        readable: true,
        uses: Vec::new(),
        held: 0,
        releasers: Default::default(),
    }
}

pub fn used_by(name: &str, files: &[(&str, Without)]) -> SecretUse {
    let file = |(place, without): &(&str, Without)| FileUse {
        place: RelativePath::file(place).expect("a path"),
        without: *without,
    };
    SecretUse { configuration: name.into(), name: name.to_owned(), files: files.iter().map(file).collect() }
}
