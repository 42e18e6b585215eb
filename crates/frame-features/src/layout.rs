//! The published layout of VGG-19: which layer is called what by the paper and in torchvision's
//! files.

/// A layer with weights.
pub(crate) struct Published {
    /// Its name in the papers.
    pub(crate) paper: &'static str,
    /// Its name in torchvision's `state_dict`, before `.weight` and `.bias`.
    pub(crate) torchvision: &'static str,
}

const fn published(paper: &'static str, torchvision: &'static str) -> Published {
    Published { paper, torchvision }
}

/// The sixteen convolutions, in order. Configuration E of Simonyan and Zisserman (2015).
pub(crate) const CONVOLUTIONS: [Published; 16] = [
    published("conv1_1", "features.0"),
    published("conv1_2", "features.2"),
    published("conv2_1", "features.5"),
    published("conv2_2", "features.7"),
    published("conv3_1", "features.10"),
    published("conv3_2", "features.12"),
    published("conv3_3", "features.14"),
    published("conv3_4", "features.16"),
    published("conv4_1", "features.19"),
    published("conv4_2", "features.21"),
    published("conv4_3", "features.23"),
    published("conv4_4", "features.25"),
    published("conv5_1", "features.28"),
    published("conv5_2", "features.30"),
    published("conv5_3", "features.32"),
    published("conv5_4", "features.34"),
];

/// The fully connected layers below `relu7`. The classifier's last one (`classifier.6`) is not
/// used.
pub(crate) const FULLY_CONNECTED: [Published; 2] = [
    published("fc6", "classifier.0"),
    published("fc7", "classifier.3"),
];

/// Side of the grid that the adaptive pooling gives to `fc6`.
pub(crate) const POOLED_SIDE: usize = 7;

/// Whether a 2x2 max pooling follows convolution `index`.
pub(crate) const fn pooled_after(index: usize) -> bool {
    matches!(index, 1 | 3 | 7 | 11 | 15)
}

/// The group of convolution `index`, `0..5`: a pooling ends each.
pub(crate) const fn group_of(index: usize) -> usize {
    let mut group = 0;
    let mut below = 0;
    while below < index {
        if pooled_after(below) {
            group += 1;
        }
        below += 1;
    }
    group
}

/// Index of convolution `index` in torchvision's `features`: a ReLU follows each, a pooling each
/// group.
pub(crate) const fn feature_index(index: usize) -> usize {
    2 * index + group_of(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_those_of_the_published_names() {
        for (index, published) in CONVOLUTIONS.iter().enumerate() {
            let name = format!("features.{}", feature_index(index));
            assert_eq!(name, published.torchvision);
            let group = format!("conv{}_", group_of(index) + 1);
            assert!(published.paper.starts_with(&group), "{}", published.paper);
        }
    }
}
