//! How a kernel runs: with which instructions, on how many threads.

use crate::error::KernelError;

/// Instruction sets for which kernels are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instructions {
    /// AVX-512F: 16 lanes.
    Avx512,
    /// AVX2 with FMA: 8 lanes.
    Avx2,
    /// Whatever the compiler makes of plain Rust.
    Portable,
}

impl Instructions {
    /// Every set, the widest first.
    pub const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// Whether this processor has them.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => is_x86_feature_detected!("avx512f"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => false,
            Self::Portable => true,
        }
    }

    /// The widest that this processor has.
    pub fn detect() -> Self {
        Self::ALL
            .into_iter()
            .find(|instructions| instructions.is_available())
            .unwrap_or(Self::Portable)
    }

    /// The name, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Portable => "portable",
        }
    }
}

/// How a kernel runs. Results do not depend on `threads`; between instruction sets they differ by
/// rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    instructions: Instructions,
    threads: usize,
}

impl Execution {
    /// The widest instructions, on the threads of the process's pool.
    pub fn detect() -> Self {
        Self {
            instructions: Instructions::detect(),
            threads: rayon::current_num_threads(),
        }
    }

    /// With these instructions, on at most so many threads.
    ///
    /// # Errors
    /// [`KernelError::InstructionsMissing`], or [`KernelError::Size`] for no thread at all.
    pub fn new(instructions: Instructions, threads: usize) -> Result<Self, KernelError> {
        if !instructions.is_available() {
            return Err(KernelError::InstructionsMissing(instructions.as_str()));
        }
        if threads == 0 {
            return Err(KernelError::Size {
                what: "threads",
                found: 0,
                limit: usize::MAX,
            });
        }
        Ok(Self {
            instructions,
            threads,
        })
    }

    /// The instructions used.
    pub fn instructions(self) -> Instructions {
        self.instructions
    }

    /// Threads used at most.
    pub fn threads(self) -> usize {
        self.threads
    }
}

impl Default for Execution {
    fn default() -> Self {
        Self::detect()
    }
}
