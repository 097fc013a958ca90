//! Addresses as they may be shown.

/// The address without its password and without its parameters, which may hold one.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    if scheme.starts_with("sqlite") {
        return url.to_owned();
    }
    // A password that was not escaped may hold any of these characters, so the last @ counts.
    let (user, place) = match rest.rsplit_once('@') {
        // Unless it is one of a password among the parameters, which cannot be told.
        Some(_) if rest.contains("password=") => {
            let first_word = rest.split([':', '/', '?', '#', '@']).next();
            (None, first_word.unwrap_or_default())
        }
        Some((credentials, place)) => (credentials.split(':').next(), place),
        None => (None, rest),
    };
    let place = place.split(['?', '#']).next().unwrap_or_default();
    match user {
        Some(user) => format!("{scheme}://{user}@{place}"),
        None => format!("{scheme}://{place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_password_is_left() {
        for (url, shown) in [
            (
                "postgres://me:secret@db:5432/naeil",
                "postgres://me@db:5432/naeil",
            ),
            (
                "postgres://me:sec/r?et@x@db/naeil",
                "postgres://me@db/naeil",
            ),
            ("postgres://db/naeil?password=secret", "postgres://db/naeil"),
            (
                "postgres://db:5432/naeil?user=me&password=sec@ret",
                "postgres://db",
            ),
            (
                "postgres://me:sec@db/naeil?password=secret",
                "postgres://me",
            ),
            ("postgres://me@db/naeil", "postgres://me@db/naeil"),
            (
                "sqlite:///tmp/a@b.db?mode=rwc",
                "sqlite:///tmp/a@b.db?mode=rwc",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
