//! The fused layer on the flex backend, with its backward step.

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, DType, Flex};
use burn::tensor::{Tensor, TensorData};
use naeil_kernels::{
    Execution, LstmGradients, LstmShape, LstmWeights, Output, OutputGradient, PackedLstm, backward,
    forward, forward_training,
};

use super::Operands;
use super::tape_pool::PooledTape;

type Tracked = FloatTensor<Autodiff<Flex>>;

/// A tensor on the flex backend, with or without autodiff around it.
enum Operand {
    Plain(FlexTensor),
    Autodiff(Tracked),
}

/// Computes the layer, or returns `None` if an operand is not of f32 on the flex backend.
///
/// # Shapes
/// As the functions of the parent module say; `D` is 2 for [`Output::Last`], 3 for
/// [`Output::Every`].
pub(super) fn run<const D: usize>(operands: &Operands, output: Output) -> Option<Tensor<D>> {
    let operands = [
        Operand::of(&operands.windows)?,
        Operand::of(&operands.weight_ih)?,
        Operand::of(&operands.weight_hh)?,
        Operand::of(&operands.bias)?,
    ];
    let [windows, weight_ih, weight_hh, bias] = operands.each_ref().map(Operand::values);
    let layer = Layer::new(&windows, &weight_ih, &weight_hh, &bias, output);
    if operands
        .iter()
        .all(|operand| matches!(operand, Operand::Plain(_)))
    {
        return Some(Tensor::from_primitive::<Flex>(layer.infer(&windows)));
    }
    let nodes = operands.map(|operand| operand.into_autodiff().node());
    let hiddens = match Backward::<Flex, 4>::prepare::<NoCheckpointing>(FusedLstm, nodes)
        .compute_bound()
        .stateful()
    {
        OpsKind::UnTracked(prep) => prep.finish(layer.infer(&windows)),
        OpsKind::Tracked(prep) => {
            let (hiddens, tape) = layer.record(&windows);
            let pass = Pass {
                layer,
                windows,
                tape: Mutex::new(tape),
            };
            prep.finish(Arc::new(pass), hiddens)
        }
    };
    Some(Tensor::from_primitive::<Autodiff<Flex>>(hiddens))
}

impl Operand {
    fn of<const D: usize>(tensor: &Tensor<D>) -> Option<Self> {
        // The clones share the tensor's values.
        let operand = match tensor.clone().try_into_primitive::<Autodiff<Flex>>() {
            Ok(tracked) => Self::Autodiff(tracked),
            Err(_) => Self::Plain(tensor.clone().try_into_primitive::<Flex>().ok()?),
        };
        (operand.primitive().dtype() == DType::F32).then_some(operand)
    }

    fn primitive(&self) -> &FlexTensor {
        match self {
            Self::Plain(tensor) => tensor,
            Self::Autodiff(tensor) => tensor.primitive(),
        }
    }

    /// The values, copied only if they do not lie in order.
    fn values(&self) -> FlexTensor {
        let tensor = self.primitive();
        if tensor.as_slice::<f32>().is_some() {
            return tensor.clone();
        }
        tensor.to_contiguous()
    }

    fn into_autodiff(self) -> Tracked {
        match self {
            Self::Plain(tensor) => Tracked::new(tensor),
            Self::Autodiff(tensor) => tensor,
        }
    }
}

/// A packed layer over windows of one shape.
#[derive(Debug)]
struct Layer {
    execution: Execution,
    lstm: PackedLstm,
    batch_size: usize,
    seq_length: usize,
    output: Output,
}

/// What the backward step needs of a forward pass.
#[derive(Debug)]
struct Pass {
    layer: Layer,
    windows: FlexTensor,
    /// The backward pass works in the tape's buffers.
    tape: Mutex<PooledTape>,
}

impl Layer {
    fn new(
        windows: &FlexTensor,
        weight_ih: &FlexTensor,
        weight_hh: &FlexTensor,
        bias: &FlexTensor,
        output: Output,
    ) -> Self {
        let shape = windows.layout().shape();
        let lstm = PackedLstm::pack(
            LstmShape {
                input_size: shape[2],
                hidden_size: weight_hh.layout().shape()[1],
            },
            &LstmWeights {
                weight_ih: slice(weight_ih),
                weight_hh: slice(weight_hh),
                bias: slice(bias),
            },
        )
        .unwrap_or_else(|error| panic!("an LSTM layer cannot be packed: {error}"));
        Self {
            execution: Execution::detect(),
            lstm,
            batch_size: shape[0],
            seq_length: shape[1],
            output,
        }
    }

    /// The hidden states, with nothing kept.
    fn infer(&self, windows: &FlexTensor) -> FlexTensor {
        self.hiddens(|out| {
            let windows = slice(windows);
            forward(
                self.execution,
                &self.lstm,
                windows,
                self.seq_length,
                self.output,
                out,
            )
        })
    }

    /// The hidden states, and the tape of the pass.
    fn record(&self, windows: &FlexTensor) -> (FlexTensor, PooledTape) {
        let mut tape = PooledTape::take();
        let hiddens = self.hiddens(|out| {
            forward_training(
                self.execution,
                &self.lstm,
                slice(windows),
                self.seq_length,
                self.output,
                out,
                tape.get_mut(),
            )
        });
        (hiddens, tape)
    }

    fn hiddens(
        &self,
        run: impl FnOnce(&mut [f32]) -> Result<(), naeil_kernels::KernelError>,
    ) -> FlexTensor {
        let hidden_size = self.lstm.shape().hidden_size;
        let shape = match self.output {
            Output::Last => vec![self.batch_size, hidden_size],
            Output::Every => vec![self.batch_size, self.seq_length, hidden_size],
        };
        let mut hiddens = vec![0.0; shape.iter().product()];
        run(&mut hiddens).unwrap_or_else(|error| panic!("an LSTM layer cannot be run: {error}"));
        FlexTensor::from_data(TensorData::new(hiddens, shape))
    }
}

impl Pass {
    /// The gradients at the weights, and at the windows if `at_windows`.
    fn gradients(
        &self,
        output_gradient: &FlexTensor,
        at_windows: bool,
    ) -> (LstmGradients, Option<Vec<f32>>) {
        let output_gradient = output_gradient.to_contiguous();
        let output_gradient = match self.layer.output {
            Output::Last => OutputGradient::Last(slice(&output_gradient)),
            Output::Every => OutputGradient::Every(slice(&output_gradient)),
        };
        let windows = slice(&self.windows);
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at_windows = at_windows.then(|| vec![0.0; windows.len()]);
        let gradients = backward(
            self.layer.execution,
            &self.layer.lstm,
            windows,
            tape.get_mut(),
            output_gradient,
            at_windows.as_deref_mut(),
        )
        .unwrap_or_else(|error| panic!("an LSTM layer has no backward pass: {error}"));
        (gradients, at_windows)
    }
}

/// The backward step; its parents are windows, weights of the input, weights of the state, bias.
#[derive(Debug)]
struct FusedLstm;

impl Backward<Flex, 4> for FusedLstm {
    type State = Arc<Pass>;

    fn backward(
        self,
        ops: Ops<Self::State, 4>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let output_gradient = grads.consume::<Flex>(&ops.node);
        let [windows, weight_ih, weight_hh, bias] = ops.parents.map(|node| Some(node?.id));
        let (gradients, at_windows) = ops.state.gradients(&output_gradient, windows.is_some());
        let LstmShape {
            input_size,
            hidden_size,
        } = ops.state.layer.lstm.shape();
        let rows = 4 * hidden_size;
        let mut register = |node: Option<NodeId>, values: Vec<f32>, shape: Vec<usize>| {
            if let Some(node) = node {
                let gradient = FlexTensor::from_data(TensorData::new(values, shape));
                grads.register::<Flex>(node, gradient);
            }
        };
        if let Some(at_windows) = at_windows {
            let Layer {
                batch_size,
                seq_length,
                ..
            } = ops.state.layer;
            register(
                windows,
                at_windows,
                vec![batch_size, seq_length, input_size],
            );
        }
        register(weight_ih, gradients.weight_ih, vec![rows, input_size]);
        register(weight_hh, gradients.weight_hh, vec![rows, hidden_size]);
        register(bias, gradients.bias, vec![rows]);
    }
}

/// The values of a tensor whose values lie in order.
fn slice(tensor: &FlexTensor) -> &[f32] {
    tensor
        .as_slice::<f32>()
        .expect("operands were checked to be of f32, and put in order")
}
