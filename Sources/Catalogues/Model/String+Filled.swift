extension String {
    /// The text, or `nil` when it is empty or blank.
    var filled: String? { allSatisfy(\.isWhitespace) ? nil : self }
}

extension String? {
    /// The text, or `nil` when it is absent, empty or blank.
    var filled: String? { flatMap(\.filled) }
}
