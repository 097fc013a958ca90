use super::*;

fn parsed(text: &str) -> Result<Layout, String> {
    toml::from_str(text).map_err(|error| error.message().to_owned())
}

#[test]
fn every_shipped_layout_can_be_read_and_described() {
    for shipped in SHIPPED {
        let layout = parsed(shipped.toml).unwrap_or_else(|e| panic!("{}: {e}", shipped.name));
        assert!(!layout.description.is_empty(), "{}", shipped.name);
        assert!(layout.basis.is_some(), "{}", shipped.name);
        let name = "005930_20240102.csv";
        let layout = Layout {
            file_name: layout.file_name.map(|_| "{code}_{date}.csv".to_owned()),
            ..layout
        };
        let whole = layout.with_market("KOSPI").for_file(name);
        assert!(whole.is_ok(), "{}: {whole:?}", shipped.name);
    }
}

#[test]
fn unknown_keys_are_refused_by_name() {
    for (text, key) in [
        ("colums = 1", "colums"),
        ("[columns]\nclsoe = \"Close\"", "clsoe"),
        ("[text]\nencodign = \"utf-8\"", "encodign"),
        ("[constants]\nopen = \"1\"", "open"),
    ] {
        let error = parsed(text).unwrap_err();
        assert!(error.contains(&format!("`{key}`")), "{error}");
    }
    let error = parsed("basis = \"raw\"").unwrap_err();
    assert_eq!(
        error,
        "basis is 'raw', it must be as_traded or back_adjusted"
    );
    assert!(parsed("[text]\nencoding = \"utf-7\"").is_err());
}

#[test]
fn contradictions_and_gaps_are_named() {
    let check = |text: &str, expected: &str| {
        let error = parsed(text).unwrap().for_file("x.csv").unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        "[columns]\ncode = \"c\"",
        "the layout does not say where the market stands: set columns.market, or constants.market, \
         or --market KOSPI",
    );
    check(
        "[columns]\nchange = \"c\"\nbase_price = \"b\"",
        "the layout sets both columns.base_price and columns.change, keep one",
    );
    check(
        "basis = \"back_adjusted\"\n[columns]\nadj_close = \"a\"",
        "the layout sets both basis = \"back_adjusted\" and columns.adj_close, keep one",
    );
    check(
        "price_unit = 0",
        "price_unit of the layout is '0', it must be a positive number",
    );
    check(
        "[text]\ndate_format = \"%Y-%m\"",
        "text.date_format of the layout is '%Y-%m', it must tell year, month and day, as %Y/%m/%d does",
    );
    check(
        "file_name = \"{date}.csv\"",
        "the name of x.csv does not say its date: the layout expects names such as {date}.csv; \
         rename it, or say --session DATE",
    );
}
