//! Operations whose backward pass is written by hand, as one node of the autodiff graph of any
//! backend.

use std::{fmt::Debug, marker::PhantomData};

use burn::{
    backend::{
        Autodiff, Backend, DispatchKindConversion, DispatchTensor,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, NodeGuard, Ops, OpsKind},
        },
    },
    tensor::Tensor,
};

/// What a node keeps from its forward pass, and how gradients come of it.
pub(crate) trait Function<const D: usize, const N: usize>:
    Clone + Debug + Send + 'static
{
    /// The gradients of the parents in their order, of those that are wanted, from the gradient of
    /// the output.
    fn gradients(self, upstream: Tensor<D>, wanted: [bool; N]) -> [Option<DispatchTensor>; N];
}

/// A tensor's node in the autodiff graph of backend `B`; `None` if it lies on another backend or
/// the graph is computed twice.
pub(crate) fn node<B, const D: usize>(tensor: Tensor<D>) -> Option<NodeGuard>
where
    B: Backend,
    DispatchTensor: DispatchKindConversion<Autodiff<B>>,
{
    let tensor = tensor.autodiff().try_into_primitive::<Autodiff<B>>();
    tensor.ok().map(|tensor| tensor.node())
}

/// Puts what a function gave into the graph; `None` if it does not lie on `B`.
pub(crate) fn record<B, F, const D: usize, const N: usize>(
    function: F,
    parents: [NodeGuard; N],
    output: Tensor<D>,
) -> Option<Tensor<D>>
where
    B: Backend,
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
    F: Function<D, N>,
{
    let output = output.try_into_primitive::<B>().ok()?;
    let operation = Node::<F, D>(PhantomData).prepare::<NoCheckpointing>(parents);
    Some(Tensor::from_primitive::<Autodiff<B>>(
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(node) => node.finish(function, output),
            OpsKind::UnTracked(node) => node.finish(output),
        },
    ))
}

struct Node<F, const D: usize>(PhantomData<fn() -> F>);

impl<F, const D: usize> Debug for Node<F, D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::any::type_name::<F>())
    }
}

impl<B, F, const D: usize, const N: usize> Backward<B, N> for Node<F, D>
where
    B: Backend,
    DispatchTensor: DispatchKindConversion<B>,
    F: Function<D, N>,
{
    type State = F;

    fn backward(self, ops: Ops<F, N>, graph: &mut Gradients, _: &mut Checkpointer) {
        let upstream = Tensor::<D>::from_primitive::<B>(graph.consume::<B>(&ops.node));
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let gradients = ops.state.gradients(upstream, wanted);
        for (parent, gradient) in ops.parents.into_iter().zip(gradients) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                let gradient =
                    <DispatchTensor as DispatchKindConversion<B>>::try_into_backend(gradient);
                let gradient = gradient.expect("gradients lie where their parents do");
                graph.register::<B>(parent.id, gradient.float());
            }
        }
    }
}
