//! The published layouts of VGG-16 and VGG-19: which layer is called what by the paper and in
//! torchvision's files.

use std::fmt;

/// VGG-16 or VGG-19: configurations D and E of Simonyan and Zisserman, "Very Deep Convolutional
/// Networks for Large-Scale Image Recognition" (2015). They differ in the upper three groups, which
/// have three or four convolutions each.
///
/// ```
/// use frame_features::VggVariant;
///
/// assert_eq!(VggVariant::Vgg16.to_string(), "VGG-16");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VggVariant {
    /// 13 convolutions.
    Vgg16,
    /// 16 convolutions.
    #[default]
    Vgg19,
}

impl fmt::Display for VggVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vgg16 => "VGG-16",
            Self::Vgg19 => "VGG-19",
        })
    }
}

/// A layer with weights.
pub(crate) struct Published {
    /// Its name in the papers.
    pub(crate) paper: String,
    /// Its name in torchvision's `state_dict`, before `.weight` and `.bias`.
    pub(crate) torchvision: String,
}

/// Side of the grid that the adaptive pooling gives to `fc6`.
pub(crate) const POOLED_SIDE: usize = 7;

/// How many fully connected layers there are below `relu7`. The classifier's last one
/// (`classifier.6`) is not used.
pub(crate) const FULLY_CONNECTED: usize = 2;

/// Fully connected layer `index`, `0..2`.
pub(crate) fn fully_connected(index: usize) -> Published {
    Published {
        paper: format!("fc{}", index + 6),
        torchvision: format!("classifier.{}", 3 * index),
    }
}

impl VggVariant {
    /// Convolutions in each of the five groups, each of which ends with a 2x2 max pooling.
    pub(crate) const fn groups(self) -> [usize; 5] {
        match self {
            Self::Vgg16 => [2, 2, 3, 3, 3],
            Self::Vgg19 => [2, 2, 4, 4, 4],
        }
    }

    /// How many convolutions there are.
    pub(crate) const fn num_convolutions(self) -> usize {
        match self {
            Self::Vgg16 => 13,
            Self::Vgg19 => 16,
        }
    }

    /// The group of convolution `index`, `0..5`, and its place in there.
    pub(crate) const fn place(self, index: usize) -> (usize, usize) {
        let groups = self.groups();
        let (mut group, mut within) = (0, index);
        while group + 1 < groups.len() && within >= groups[group] {
            within -= groups[group];
            group += 1;
        }
        (group, within)
    }

    /// The convolution at a place, if there is one.
    pub(crate) fn at(self, group: usize, within: usize) -> Option<usize> {
        let groups = self.groups();
        (within < *groups.get(group)?).then(|| groups[..group].iter().sum::<usize>() + within)
    }

    /// Whether a pooling follows convolution `index`.
    pub(crate) const fn pooled_after(self, index: usize) -> bool {
        let (group, within) = self.place(index);
        within + 1 == self.groups()[group]
    }

    /// Index of convolution `index` in torchvision's `features`: a ReLU follows each, a pooling
    /// each group.
    pub(crate) const fn feature_index(self, index: usize) -> usize {
        2 * index + self.place(index).0
    }

    /// Convolution `index`.
    pub(crate) fn convolution(self, index: usize) -> Published {
        let (group, within) = self.place(index);
        Published {
            paper: format!("conv{}_{}", group + 1, within + 1),
            torchvision: format!("features.{}", self.feature_index(index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The convolutions of torchvision's `vgg16()` and `vgg19()`, read from their printed form.
    #[test]
    fn indices_are_those_of_torchvision() {
        for (variant, expected) in [
            (
                VggVariant::Vgg16,
                &[0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28][..],
            ),
            (
                VggVariant::Vgg19,
                &[0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34],
            ),
        ] {
            let indices: Vec<_> = (0..variant.num_convolutions())
                .map(|index| variant.feature_index(index))
                .collect();
            assert_eq!(indices, expected, "{variant}");
            let groups = variant.groups();
            assert_eq!(groups.iter().sum::<usize>(), variant.num_convolutions());
        }
        let last = VggVariant::Vgg16.convolution(12);
        assert_eq!(
            (last.paper.as_str(), last.torchvision.as_str()),
            ("conv5_3", "features.28")
        );
        assert!(VggVariant::Vgg16.pooled_after(12) && !VggVariant::Vgg19.pooled_after(14));
        assert_eq!(VggVariant::Vgg16.at(2, 3), None);
        assert_eq!(VggVariant::Vgg19.at(2, 3), Some(7));
        assert_eq!(fully_connected(1).torchvision, "classifier.3");
    }
}
