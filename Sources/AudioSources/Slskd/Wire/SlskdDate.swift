import Contracts

/// A moment as .NET writes it: up to seven digits of a second; a missing zone stands for UTC.
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
