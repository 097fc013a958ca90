mod exact;

use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::dense::values;
use crate::device::inference_device;
use crate::network::LstmNetwork;
use crate::test_market::some_model;
use crate::trained_model::TrainedModel;

/// Networks of several shapes with weights that are far from their start, so that every layer
/// matters.
fn ensemble(network: &NetworkConfig, n_members: u64) -> Vec<Weights> {
    let member = |seed: u64| {
        let initial = Weights::initial(network, [0.02, 0.05, 0.1], seed);
        Weights::assemble(network, |part| {
            let values = initial.values(&part.name).iter().enumerate();
            let far = |(i, &value): (usize, &f32)| match part.name.as_str() {
                "return_scale" => value,
                _ => 2.0 * value + 0.2 * ((i as f32 + seed as f32) * 0.7).sin(),
            };
            Ok(values.map(far).collect())
        })
        .unwrap()
    };
    (0..n_members).map(member).collect()
}

fn network(
    n_columns: usize,
    seq_length: usize,
    hidden_size: usize,
    n_layers: usize,
) -> NetworkConfig {
    NetworkConfig {
        n_columns,
        sequence_columns: (0..n_columns).step_by(2).collect(),
        seq_length,
        hidden_size,
        n_layers,
        wide_size: hidden_size.div_ceil(2),
        quantile_size: 5,
        dropout: 0.3,
    }
}

fn scaler(n_columns: usize) -> Scaler {
    let of = |value: &dyn Fn(f32) -> f32| -> Vec<f32> {
        (0..n_columns).map(|column| value(column as f32)).collect()
    };
    Scaler::from_parts(
        &of(&|c| 0.1 * c),
        &of(&|c| 1.0 + 0.05 * c),
        &of(&|c| -1.0 - c),
        &of(&|c| 1.5 + c),
    )
    .unwrap()
}

fn windows(network: &NetworkConfig, n_windows: usize) -> WindowBatch {
    let number = |i: usize| ((i * 7_919 % 2_003) as f32 - 1_000.0) / 500.0;
    let mut batch = WindowBatch::zeros(n_windows, &network.window_shape());
    for (i, x) in batch.sequence.iter_mut().enumerate() {
        *x = number(i);
    }
    for (i, x) in batch.wide.iter_mut().enumerate() {
        *x = number(i + 11);
    }
    batch
}

fn forecaster(network: &NetworkConfig, n_members: u64) -> LstmForecaster {
    LstmForecaster::new(
        &ensemble(network, n_members),
        &scaler(network.n_columns),
        network,
    )
    .unwrap()
}

/// One window of a batch, by itself.
fn only(batch: &WindowBatch, shape: &WindowShape, idx: usize) -> WindowBatch {
    let cut = |values: &[f32], len: usize| values[idx * len..(idx + 1) * len].to_vec();
    WindowBatch {
        n_windows: 1,
        sequence: cut(&batch.sequence, shape.sequence_len()),
        wide: cut(&batch.wide, shape.n_columns),
    }
}

fn of_burn(network: &NetworkConfig, n_members: u64, batch: &WindowBatch) -> Vec<[f64; 21]> {
    burn_mean(network, &ensemble(network, n_members), batch)
}

/// What the network of burn's tensor operations says, members averaged in f64.
fn burn_mean(network: &NetworkConfig, members: &[Weights], batch: &WindowBatch) -> Vec<[f64; 21]> {
    let device: Device = inference_device();
    let mut scaled = batch.clone();
    WindowScaler::new(&scaler(network.n_columns), &network.window_shape()).transform(&mut scaled);
    let sequence_shape = [
        batch.n_windows,
        network.seq_length,
        network.sequence_columns.len(),
    ];
    let mut totals = vec![[0.0; 21]; batch.n_windows];
    for weights in members {
        let outputs = LstmNetwork::from_weights(network, weights, &device).forward(
            Tensor::from_data(
                TensorData::new(scaled.sequence.clone(), sequence_shape),
                &device,
            ),
            Tensor::from_data(
                TensorData::new(scaled.wide.clone(), [batch.n_windows, network.n_columns]),
                &device,
            ),
            None,
        );
        let scale = weights.return_scale();
        let parts: Vec<Vec<f32>> = [outputs.relative, outputs.direction]
            .into_iter()
            .chain(outputs.quantiles)
            .map(values)
            .collect();
        for (row, total) in totals.iter_mut().enumerate() {
            for (part_idx, part) in parts.iter().enumerate() {
                for horizon_idx in 0..Horizon::COUNT {
                    let unit = if part_idx < 2 {
                        1.0
                    } else {
                        f64::from(scale[horizon_idx])
                    };
                    total[part_idx * Horizon::COUNT + horizon_idx] +=
                        f64::from(part[row * Horizon::COUNT + horizon_idx]) * unit
                            / members.len() as f64;
                }
            }
        }
    }
    totals
}

/// The same numbers of a forecast.
fn flat(row: &[HorizonForecast; Horizon::COUNT]) -> [f64; 21] {
    let mut numbers = [0.0; 21];
    for (idx, forecast) in row.iter().enumerate() {
        numbers[idx] = forecast.relative;
        numbers[Horizon::COUNT + idx] = forecast.direction;
        for (level, value) in forecast.quantiles.unwrap().into_iter().enumerate() {
            numbers[(2 + level) * Horizon::COUNT + idx] = value;
        }
    }
    numbers
}

#[test]
fn it_computes_what_the_network_of_tensor_operations_computes() {
    for (network, n_members) in [
        (network(4, 5, 6, 1), 1),
        (network(7, 3, 17, 2), 2),
        (network(5, 4, 16, 3), 1),
        (network(76, 20, 64, 1), 3),
    ] {
        let batch = windows(&network, 37);
        let found = forecaster(&network, n_members)
            .forecast(&batch)
            .unwrap()
            .rows;
        let expected = of_burn(&network, n_members, &batch);
        for (found, expected) in found.iter().zip(&expected) {
            for (found, expected) in flat(found).iter().zip(expected) {
                let tolerance = 1e-6 * expected.abs().max(1.0);
                assert!(
                    (found - expected).abs() < tolerance,
                    "{found} {expected} {network:?}"
                );
            }
        }
    }
}

#[test]
fn the_same_input_has_the_same_answer_to_the_last_bit() {
    let network = network(9, 4, 20, 1);
    let batch = windows(&network, 100);
    let shape = network.window_shape();
    let together = forecaster(&network, 3).forecast(&batch).unwrap().rows;
    // A forecaster made anew stands for a restart.
    for n_threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        let again = pool.install(|| forecaster(&network, 3).forecast(&batch).unwrap().rows);
        assert_eq!(again, together, "{n_threads} threads");
    }
    let mut used_again = forecaster(&network, 3);
    for (idx, expected) in together.iter().enumerate() {
        let alone = used_again.forecast(&only(&batch, &shape, idx)).unwrap();
        assert_eq!(alone.rows, [*expected], "window {idx}");
    }
    for n_windows in [2, 47, 49, 99] {
        let mut part = batch.clone();
        part.n_windows = n_windows;
        part.sequence.truncate(n_windows * shape.sequence_len());
        part.wide.truncate(n_windows * shape.n_columns);
        let found = used_again.forecast(&part).unwrap().rows;
        assert_eq!(found, together[..n_windows], "{n_windows} windows");
    }
}

#[test]
fn a_trained_model_answers_as_its_members_do_on_average() {
    let (market, model) = some_model();
    let (windows, _) = market.test_windows(30);
    let rows = |model: &TrainedModel| model.forecaster().forecast(&windows).unwrap().rows;
    let (all, parts) = (
        rows(model),
        [0, 1].map(|idx| rows(&model.member(idx).unwrap())),
    );
    assert_eq!(model.forecaster().n_members(), 2);
    for (row, expected) in all.iter().enumerate() {
        for (idx, expected) in flat(expected).iter().enumerate() {
            let mean = 0.5 * (flat(&parts[0][row])[idx] + flat(&parts[1][row])[idx]);
            assert!((mean - expected).abs() < 1e-12);
        }
    }
}

#[test]
fn an_empty_batch_has_no_forecasts() {
    let network = network(4, 3, 5, 1);
    let forecasts = forecaster(&network, 1)
        .forecast(&windows(&network, 0))
        .unwrap();
    assert!(forecasts.rows.is_empty());
}

#[test]
fn extreme_inputs_still_give_sound_forecasts() {
    let network = network(4, 3, 5, 1);
    let mut batch = windows(&network, 4);
    for (i, value) in batch.sequence.iter_mut().chain(&mut batch.wide).enumerate() {
        *value = if i % 2 == 0 { f32::MAX } else { f32::MIN };
    }
    let rows = forecaster(&network, 2).forecast(&batch).unwrap().rows;
    assert!(rows.iter().flatten().all(HorizonForecast::is_sound));
}

#[test]
fn weights_that_overflow_are_an_error_and_no_forecast() {
    let network = network(4, 3, 5, 1);
    let weights = Weights::assemble(&network, |part| {
        Ok(vec![f32::MAX; part.shape.iter().product()])
    })
    .unwrap();
    let mut forecaster = LstmForecaster::new(&[weights], &scaler(4), &network).unwrap();
    let error = forecaster.forecast(&windows(&network, 3)).unwrap_err();
    assert_eq!(error, ForecastError::OutputUnsound(0));
}

#[test]
fn windows_that_do_not_fit_are_refused() {
    let network = network(4, 3, 5, 1);
    let mut forecaster = forecaster(&network, 1);
    let good = windows(&network, 3);
    let mut check_shape = |change: &dyn Fn(&mut WindowBatch)| {
        let mut batch = good.clone();
        change(&mut batch);
        let error = forecaster.forecast(&batch).unwrap_err();
        assert!(matches!(error, ForecastError::Shape { .. }), "{error}");
        error.to_string()
    };
    let message = check_shape(&|batch| batch.n_windows = 2);
    assert_eq!(
        message,
        "windows of 2 windows in 18 and 12 values do not fit a model that takes [n, 3, 2] and [n, 4]"
    );
    check_shape(&|batch| {
        batch.sequence.pop();
    });
    check_shape(&|batch| batch.wide.push(0.0));
    check_shape(&|batch| batch.n_windows = usize::MAX);

    for bad in [f32::NAN, f32::INFINITY] {
        let mut broken = good.clone();
        broken.sequence[2 * 6 + 1] = bad;
        let error = forecaster.forecast(&broken).unwrap_err();
        assert_eq!(error, ForecastError::InputNotFinite(2));
        let mut broken = good.clone();
        broken.wide[4] = bad;
        let error = forecaster.forecast(&broken).unwrap_err();
        assert_eq!(error, ForecastError::InputNotFinite(1));
    }
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let network = network(4, 3, 5, 1);
    let members = ensemble(&network, 1);
    assert!(LstmForecaster::new(&[], &scaler(4), &network).is_err());
    assert!(LstmForecaster::new(&members, &scaler(5), &network).is_err());
}
