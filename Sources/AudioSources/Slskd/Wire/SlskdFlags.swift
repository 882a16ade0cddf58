/// A .NET flags value as text, such as `Completed, TimedOut`: words in any order and case.
struct SlskdFlags: Sendable, Equatable {
    private let words: Set<String>

    init(_ text: String) {
        words = Set(text.split { $0 == "," || $0 == " " }.map { $0.lowercased() })
    }

    /// - Parameter word: In lower case.
    func contains(_ word: String) -> Bool { words.contains(word) }
}
