//! `naeil predict`: asks the champion on the command line, by the same service that serves HTTP.

use naeil_api::dto::prediction::PredictionBody;
use naeil_domain::{Horizon, Prediction, StockCode};
use naeil_serving::{Asker, PredictError};
use serde_json::Value;

use crate::application::{flush, prediction_service};
use crate::cli::{PredictArgs, Report};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};

pub(crate) async fn run(context: &Context, args: PredictArgs) -> CommandResult {
    let horizons = match &args.horizon {
        Some(text) => vec![Horizon::parse(text).or_failure(Failure::Input)?],
        None => Horizon::ALL.to_vec(),
    };
    let codes = args
        .codes
        .iter()
        .map(|text| StockCode::parse(text))
        .collect::<Result<Vec<_>, _>>()
        .or_failure(Failure::Input)?;
    predictions(context, &codes, &horizons)
        .await?
        .print(context.output)?;
    Ok(())
}

/// Predicts codes at horizons.
pub(crate) async fn predictions(
    context: &Context,
    codes: &[StockCode],
    horizons: &[Horizon],
) -> Result<Report, CommandError> {
    let service = prediction_service(context).await?;
    let asker = Asker {
        request_id: format!("cli-{}", std::process::id()),
        subject: None,
    };
    let mut answers = Vec::new();
    for &horizon in horizons {
        let served = service
            .predict_batch(asker.clone(), codes, horizon)
            .await
            .map_err(classified)?;
        for answer in served {
            answers.push(answer.map_err(classified)?.prediction);
        }
    }
    flush(&service).await;
    let rows = answers.iter().map(|p| row(p)).collect();
    // The same object as over HTTP, so that a program reads both alike.
    let json = answers
        .iter()
        .map(|p| serde_json::to_value(PredictionBody::from(&**p)))
        .collect::<Result<Value, _>>()?;
    Ok(Report::new(
        vec![
            "stock",
            "horizon",
            "prediction",
            "confidence",
            "probability up",
            "percentile",
            "as of",
            "target",
            "model",
            "notes",
        ],
        rows,
        json,
    ))
}

fn classified(error: PredictError) -> CommandError {
    let failure = match error {
        PredictError::UnknownStock { .. } | PredictError::NotEnoughHistory { .. } => Failure::Input,
        PredictError::NoModel => Failure::NotReady,
        _ => Failure::Failed,
    };
    CommandError::new(failure, error)
}

fn row(p: &Prediction) -> Vec<String> {
    let notes: Vec<&str> = p.reasons.iter().map(|reason| reason.code()).collect();
    vec![
        p.stock_code.to_string(),
        p.horizon.to_string(),
        p.direction.to_string(),
        format!("{:.3}", p.confidence),
        format!("{:.3}", p.probability_up),
        format!("{:.2} of {}", p.relative.percentile, p.relative.of),
        p.as_of.to_string(),
        p.target_session.to_string(),
        p.model_version.clone(),
        notes.join(", "),
    ]
}
