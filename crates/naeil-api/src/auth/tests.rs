//! The token matrix: every way a token can be wrong, and what is said of it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use naeil_domain::ports::FixedClock;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";
/// 2026-11-23 00:00:00 UTC.
const NOW: u64 = 1_795_392_000;

fn clock() -> Arc<FixedClock> {
    let now = DateTime::<Utc>::from_timestamp(NOW as i64, 0).unwrap();
    Arc::new(FixedClock(now))
}

fn verifier(settings: JwtSettings) -> TokenVerifier {
    TokenVerifier::new(&JwtSecret::new(SECRET).unwrap(), settings, clock())
}

fn signed(header: &Header, claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn plain(claims: &Value) -> String {
    signed(&Header::new(Algorithm::HS256), claims)
}

#[track_caller]
fn refuses(claims: Value, expected: &Refusal) {
    let refusal = verifier(JwtSettings::default()).verify(&plain(&claims));
    assert_eq!(refusal.as_ref().unwrap_err(), expected, "{claims}");
}

#[track_caller]
fn cannot_read(claims: Value) {
    let refusal = verifier(JwtSettings::default()).verify(&plain(&claims));
    assert!(
        matches!(refusal, Err(Refusal::Unreadable(_))),
        "{claims}: {refusal:?}"
    );
}

#[test]
fn what_the_issuer_makes_the_verifier_accepts() {
    let settings = JwtSettings {
        issuer: Some("naeil".to_owned()),
        audience: Some("clients".to_owned()),
        ..JwtSettings::default()
    };
    let secret = JwtSecret::new(SECRET).unwrap();
    let request = TokenRequest {
        subject: "alice".to_owned(),
        scopes: vec!["predict".to_owned(), "model:admin".to_owned()],
        ttl: Duration::from_secs(60),
        tier: Some("free".to_owned()),
    };
    let token = TokenIssuer::new(&secret, settings.clone(), clock())
        .issue(&request)
        .unwrap();
    let verified = verifier(settings).verify(&token).unwrap();
    assert_eq!(verified.subject, "alice");
    assert_eq!(
        verified.scopes.into_iter().collect::<Vec<_>>(),
        ["model:admin", "predict"]
    );
    assert_eq!(verified.tier.as_deref(), Some("free"));
}

#[test]
fn the_issuer_refuses_what_makes_no_sense() {
    let secret = JwtSecret::new(SECRET).unwrap();
    let issuer = TokenIssuer::new(&secret, JwtSettings::default(), clock());
    let good = TokenRequest {
        subject: "alice".to_owned(),
        scopes: vec!["predict".to_owned()],
        ttl: Duration::from_secs(60),
        tier: None,
    };
    let nobody = TokenRequest {
        subject: " ".to_owned(),
        ..good.clone()
    };
    assert!(matches!(issuer.issue(&nobody), Err(TokenError::NoSubject)));
    let never = TokenRequest {
        ttl: Duration::ZERO,
        ..good.clone()
    };
    assert!(matches!(
        issuer.issue(&never),
        Err(TokenError::BadLifetime(_))
    ));
    let forever = TokenRequest {
        ttl: Duration::MAX,
        ..good.clone()
    };
    assert!(matches!(
        issuer.issue(&forever),
        Err(TokenError::BadLifetime(_))
    ));
    let split = TokenRequest {
        scopes: vec!["a b".to_owned()],
        ..good
    };
    assert!(matches!(issuer.issue(&split), Err(TokenError::BadScope(_))));
}

#[test]
fn times_hold_to_the_second_with_thirty_seconds_of_leeway() {
    let judge = |claims: Value| verifier(JwtSettings::default()).verify(&plain(&claims));
    assert!(judge(json!({"sub": "a", "exp": NOW - 29})).is_ok());
    assert_eq!(
        judge(json!({"sub": "a", "exp": NOW - 30})),
        Err(Refusal::Expired)
    );
    assert_eq!(
        judge(json!({"sub": "a", "exp": NOW - 31})),
        Err(Refusal::Expired)
    );
    for claim in ["nbf", "iat"] {
        assert!(judge(json!({"sub": "a", "exp": NOW + 99, claim: NOW + 30})).is_ok());
        let early = judge(json!({"sub": "a", "exp": NOW + 99, claim: NOW + 31}));
        assert_eq!(early, Err(Refusal::NotYetValid), "{claim}");
    }
}

#[test]
fn claims_that_are_missing_or_odd_are_refused() {
    refuses(json!({"sub": "a"}), &Refusal::MissingClaim("exp"));
    refuses(
        json!({"sub": "a", "exp": null}),
        &Refusal::MissingClaim("exp"),
    );
    refuses(json!({"exp": NOW + 60}), &Refusal::MissingClaim("sub"));
    refuses(
        json!({"sub": "", "exp": NOW + 60}),
        &Refusal::MissingClaim("sub"),
    );
    let beyond = json!({"sub": "a", "exp": 1_u64 << 63});
    refuses(beyond, &Refusal::ImpossibleTime("exp"));
    cannot_read(json!({"sub": "a", "exp": "soon"}));
    cannot_read(json!({"sub": "a", "exp": 1.5}));
    cannot_read(json!({"sub": "a", "exp": -1}));
    cannot_read(json!({"sub": "a", "exp": [NOW]}));
    cannot_read(json!({"sub": "a", "exp": NOW + 60, "nbf": "now"}));
    cannot_read(json!({"sub": 7, "exp": NOW + 60}));
}

#[test]
fn parties_must_be_the_expected_ones_when_configured() {
    let settings = JwtSettings {
        issuer: Some("naeil".to_owned()),
        audience: Some("clients".to_owned()),
        ..JwtSettings::default()
    };
    let judge = |iss: Value, aud: Value| {
        let claims = json!({"sub": "a", "exp": NOW + 60, "iss": iss, "aud": aud});
        verifier(settings.clone()).verify(&plain(&claims))
    };
    assert!(judge(json!("naeil"), json!("clients")).is_ok());
    assert!(judge(json!("naeil"), json!(["others", "clients"])).is_ok());
    let wrong = |party| Err(Refusal::WrongParty(party));
    assert_eq!(judge(json!("naeil/"), json!("clients")), wrong("iss"));
    assert_eq!(judge(Value::Null, json!("clients")), wrong("iss"));
    assert_eq!(judge(json!("naeil"), json!("others")), wrong("aud"));
    assert_eq!(judge(json!("naeil"), json!([])), wrong("aud"));
    assert_eq!(judge(json!("naeil"), Value::Null), wrong("aud"));
}

#[test]
fn only_our_signature_with_our_algorithm_counts() {
    let claims = json!({"sub": "a", "exp": NOW + 60});
    let verify = |token: &str| verifier(JwtSettings::default()).verify(token);
    let good = plain(&claims);
    assert!(verify(&good).is_ok());

    let (_, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    // {"alg":"none","typ":"JWT"} and {"alg":"None"} in base64url.
    for header in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOb25lIn0"] {
        assert!(verify(&format!("{header}.{payload}.")).is_err());
        assert!(verify(&format!("{header}.{payload}.{signature}")).is_err());
    }
    let stronger = signed(&Header::new(Algorithm::HS384), &claims);
    assert_eq!(verify(&stronger), Err(Refusal::WrongAlgorithm));
    let foreign = EncodingKey::from_secret(b"another secret of more than 32 bytes length");
    let forged = encode(&Header::new(Algorithm::HS256), &claims, &foreign).unwrap();
    assert_eq!(verify(&forged), Err(Refusal::BadSignature));
    let mut critical = Header::new(Algorithm::HS256);
    critical.crit = Some(vec!["exp".to_owned()]);
    assert_eq!(
        verify(&signed(&critical, &claims)),
        Err(Refusal::CriticalHeader)
    );
    assert_eq!(verify(&"x".repeat(9000)), Err(Refusal::TooLong));
    assert!(matches!(verify("not.a.token"), Err(Refusal::Unreadable(_))));
}

#[test]
fn a_claim_that_stands_there_twice_is_refused() {
    struct Twice;
    impl serde::Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let claims = [
                ("sub", json!("a")),
                ("exp", json!(NOW + 60)),
                ("sub", json!("b")),
            ];
            serializer.collect_map(claims)
        }
    }
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = encode(&Header::new(Algorithm::HS256), &Twice, &key).unwrap();
    let refusal = verifier(JwtSettings::default()).verify(&token);
    assert!(
        matches!(refusal, Err(Refusal::Unreadable(_))),
        "{refusal:?}"
    );
}
