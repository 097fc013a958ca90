//! Layouts by name or by file.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use naeil_store::ImportError;
use naeil_store::import::{Layout, SHIPPED};
use serde_json::json;

use crate::cli::{ImportArgs, Report};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};

/// The layout that the arguments ask for; the long format unless they ask for one.
pub(crate) fn asked_for(args: &ImportArgs) -> Result<Layout, CommandError> {
    let mut layout = match &args.layout {
        Some(name) => find(name).or_failure(Failure::Input)?,
        None => Layout::long_format(),
    };
    if let Some(market) = &args.market {
        layout = layout.with_market(market);
    }
    if let Some(session) = args.session {
        layout = layout.with_session(session);
    }
    if let Some(basis) = args.basis {
        // What the command line says wins; the long format has nothing to win over.
        layout.basis = layout.basis.map(|_| basis.into());
    }
    Ok(layout)
}

/// Prints the shipped layouts.
pub(crate) fn list(context: &Context) -> CommandResult {
    let layouts: Vec<(&str, String)> = SHIPPED
        .iter()
        .map(|shipped| Ok((shipped.name, parse(shipped.toml)?.description)))
        .collect::<anyhow::Result<_>>()?;
    let rows = layouts
        .iter()
        .map(|(name, description)| vec![(*name).to_owned(), description.clone()])
        .collect();
    let json = layouts
        .iter()
        .map(|(name, description)| json!({"layout": name, "description": description}))
        .collect();
    Report::new(vec!["layout", "for"], rows, json).print(context.output)?;
    Ok(())
}

/// Says which shipped layout would fit a file that is not in the long format.
pub(crate) fn hint(error: &ImportError) -> Option<String> {
    let ImportError::MissingColumns { present, .. } = error else {
        return None;
    };
    // Some have all the columns that another one asks for: the one that asks for most is meant.
    let n_named = |toml| {
        let layout = parse(toml).ok().filter(|layout| layout.fits(present))?;
        Some(layout.columns.n_named())
    };
    let fitting = SHIPPED
        .iter()
        .filter_map(|shipped| Some((n_named(shipped.toml)?, shipped)))
        .max_by_key(|(n_named, _)| *n_named)?
        .1;
    Some(format!(
        "its columns are those of the layout {0}, try --layout {0}",
        fitting.name
    ))
}

fn find(name: &str) -> anyhow::Result<Layout> {
    if let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == name) {
        return parse(shipped.toml);
    }
    let path = Path::new(name);
    if !name.ends_with(".toml") && !path.exists() {
        let names: Vec<&str> = SHIPPED.iter().map(|shipped| shipped.name).collect();
        let likely = names
            .iter()
            .filter(|known| strsim::jaro_winkler(name, known) > 0.8)
            .map(|known| format!(", did you mean {known}?"))
            .next()
            .unwrap_or_default();
        return Err(anyhow!(
            "there is no layout '{name}'{likely}; shipped are {}, and a file's name ends in .toml",
            names.join(", ")
        ));
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the layout {}", path.display()))?;
    parse(&text).with_context(|| format!("the layout {} cannot be used", path.display()))
}

fn parse(text: &str) -> anyhow::Result<Layout> {
    Ok(toml::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_for(header: &str) -> Option<String> {
        hint(&ImportError::MissingColumns {
            source_name: "x.csv".to_owned(),
            missing: vec!["code".to_owned()],
            present: header.split(',').map(str::to_owned).collect(),
            hint: String::new(),
        })
    }

    #[test]
    fn the_layout_that_names_most_columns_is_meant() {
        let check = |header, layout: &str| {
            let hint = hint_for(header).unwrap();
            assert!(hint.ends_with(&format!("--layout {layout}")), "{hint}");
        };
        check(
            "Date,Open,High,Low,Close,Volume,Change",
            "financedatareader",
        );
        check(
            "Code,Name,Market,Dept,Close,Changes,Open,High,Low,Volume,Amount,Date",
            "marcap",
        );
        check("티커,시가,고가,저가,종가,거래량", "pykrx-session");
        assert_eq!(hint_for("Date,Price"), None);
    }
}
