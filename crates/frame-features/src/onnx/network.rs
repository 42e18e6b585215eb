//! A network made ready to run, by the crate tract.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tract_onnx::prelude::{
    DatumType, InferenceFact, InferenceModelExt, IntoRunnable, IntoTValue, Tensor, TypedModel,
    TypedRunnableModel, tvec,
};
use tract_onnx::tract_hir::tract_core::transform::get_transform;

use super::convolution::{replace_convolutions, take_in_bounds};
use super::file::{Input, MAX_NUMBERS, OnnxFile};
use super::problem::OnnxProblem;

/// A cause of whatever type.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What was wrong, and what the library said of it.
pub(super) type Refusal = (OnnxProblem, Option<BoxError>);

/// A network that takes a fixed number of pictures of one size.
pub(super) struct Network {
    plan: Arc<TypedRunnableModel>,
    input: [usize; 4],
    output: Vec<usize>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("input", &self.input)
            .field("output", &self.output)
            .finish_non_exhaustive()
    }
}

impl Network {
    /// Prepares a file's network for inputs of this shape, up to one tensor.
    ///
    /// The shape of everything within it is known before anything is computed, and huge tensors are
    /// refused.
    pub(super) fn prepare(
        file: OnnxFile,
        input: &Input,
        shape: [usize; 4],
        output: &str,
    ) -> Result<Self, Refusal> {
        let model = guarded(OnnxProblem::Prepare, || {
            typed(&file, input, shape, output).map_err(|error| (OnnxProblem::Prepare, Some(error)))
        })?;
        drop(file); // the weights are in the model
        let mut found = None;
        for node in model.nodes() {
            for fact in node.outputs.iter().map(|output| &output.fact) {
                let numbers = fact.shape.as_concrete().map(|dims| {
                    let mut dims = dims.iter().map(|&dim| dim as u64);
                    dims.try_fold(1_u64, |product, dim| product.checked_mul(dim))
                });
                // A size that depends on the picture is not known here.
                if let Some(numbers) = numbers
                    && numbers.is_none_or(|numbers| numbers > MAX_NUMBERS)
                {
                    found.get_or_insert((node.name.clone(), numbers));
                }
            }
        }
        if let Some((tensor, numbers)) = found {
            return Err((OnnxProblem::TooMany { tensor, numbers }, None));
        }
        let shape_of_output = |model: &TypedModel| {
            let fact = model.output_fact(0).ok()?;
            let float = fact.datum_type == DatumType::F32;
            Some(fact.shape.as_concrete().filter(|_| float)?.to_vec())
        };
        let Some(dims) = shape_of_output(&model) else {
            let fact = model.output_fact(0).map(|fact| format!("{fact:?}"));
            return Err((
                OnnxProblem::OutputShape {
                    name: output.to_owned(),
                    shape: fact.unwrap_or_else(|error| error.to_string()),
                    expected: "floats of a shape that does not depend on the picture",
                },
                None,
            ));
        };
        let plan = guarded(OnnxProblem::Prepare, || {
            runnable(model).map_err(|error| (OnnxProblem::Prepare, Some(error)))
        })?;
        Ok(Self {
            plan,
            input: shape,
            output: dims,
        })
    }

    /// Shape of the output.
    pub(super) fn output(&self) -> &[usize] {
        &self.output
    }

    /// The output for an input, row-major.
    pub(super) fn run(&self, input: &[f32]) -> Result<Vec<f32>, Refusal> {
        let failed = |error: BoxError| (OnnxProblem::Run, Some(error));
        guarded(OnnxProblem::Run, || {
            let input = Tensor::from_shape(&self.input, input).map_err(|e| failed(e.into()))?;
            let outputs = self.plan.run(tvec![input.into_tvalue()]);
            let outputs = outputs.map_err(|error| failed(error.into()))?;
            let [output] = outputs.as_slice() else {
                return Err(failed(format!("{} outputs came", outputs.len()).into()));
            };
            let plain = output.try_as_plain_ram().map_err(|e| failed(e.into()))?;
            let values = plain.as_slice::<f32>().map_err(|e| failed(e.into()))?;
            Ok(values.to_vec())
        })
    }
}

/// The network with all shapes known, in f32 alone.
fn typed(
    file: &OnnxFile,
    input: &Input,
    shape: [usize; 4],
    output: &str,
) -> Result<TypedModel, BoxError> {
    // What a file says of the shapes within is for any number of pictures, and is not needed.
    let reader = tract_onnx::onnx().with_ignore_value_info(true);
    let parsed = reader.parse(&file.model, None)?;
    if let Some(missing) = parsed.unresolved_inputs.first() {
        return Err(format!("nothing makes the tensor {missing:?}").into());
    }
    let wanted = parsed.outlets_by_name.get(output).copied();
    let wanted = wanted.ok_or_else(|| format!("nothing makes the tensor {output:?}"))?;
    let of_pictures = parsed.outlets_by_name.get(&input.name).copied();
    let of_pictures = of_pictures.ok_or("the input is gone")?;
    let mut model = parsed.model;
    let numbers = if input.half {
        DatumType::F16
    } else {
        DatumType::F32
    };
    model.select_output_outlets(&[wanted])?;
    model.set_outlet_fact(of_pictures, InferenceFact::dt_shape(numbers, shape))?;
    let mut model = model.into_typed()?;
    let mut outputs = model.nodes().iter().flat_map(|node| &node.outputs);
    let halves = outputs.any(|output| output.fact.datum_type == DatumType::F16);
    // f16 is slow and coarse on CPUs without it.
    if halves && let Some(in_f32) = get_transform("f16_to_f32")? {
        in_f32.transform(&mut model)?;
    }
    Ok(model)
}

/// The network ready to run, with convolutions of our own where they are faster.
fn runnable(mut model: TypedModel) -> Result<Arc<TypedRunnableModel>, BoxError> {
    replace_convolutions(&mut model)?;
    let mut model = model.into_decluttered()?;
    take_in_bounds(&mut model)?;
    Ok(model.into_optimized()?.into_runnable()?)
}

/// Runs what calls the library, and makes a panic of it an error.
///
/// The library has places that panic on broken graphs (such as an output that nothing makes, or a
/// shape that does not fit); [`OnnxFile::read`] refuses those that are known, and this is for the
/// others. What it leaves behind is dropped.
fn guarded<T>(
    problem: OnnxProblem,
    work: impl FnOnce() -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("the reader of networks gave up").to_owned();
        Err((problem, Some(text.into())))
    })
}
