import AudioSources
import ServiceKit

/// A source and what its questions cost.
struct SearchedSource: Sendable {
    let source: any AudioSource
    /// `nil` when it may be asked as often as one likes.
    let budget: ProviderBudget?

    var name: String { source.name }
    var isLimited: Bool { budget != nil }
}
