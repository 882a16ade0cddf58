import Contracts

/// A time in the format of .NET: up to seven digits of a second; without a zone it is UTC.
struct SlskdDate: Sendable, Equatable {
    let time: Timestamp

    init?(_ text: String) {
        guard let time = Timestamp(text) ?? Timestamp(text + "Z") else { return nil }
        self.time = time
    }
}

extension KeyedDecodingContainer {
    /// Returns a .NET date, with or without a zone; without one it is UTC.
    func slskdDate(_ key: Key) -> SlskdDate? { lenient(key, String.self).flatMap(SlskdDate.init) }
}
