/// A condition was not true before its deadline.
public struct NotInTime: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Waits until a condition is true. Evaluates it every 20 ms, less often if that takes long.
/// - Throws: ``NotInTime`` with `what` after the timeout, or the error of the condition.
public func eventually(
    _ what: String = "the condition is true", timeout: Duration = .seconds(60),
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    _ = try await eventually(what, timeout: timeout) { () -> Bool? in try await condition() ? true : nil }
}

/// Waits until there is a value. Evaluates `value` every 20 ms, less often if that takes long: on a busy machine the looks
/// would slow down what they wait for.
/// - Throws: ``NotInTime`` with `what` after the timeout, or the error of `value`.
public func eventually<Value>(
    _ what: String = "there is a value", timeout: Duration = .seconds(60),
    isolation: isolated (any Actor)? = #isolation, _ value: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now + timeout
    while true {
        let begin = clock.now
        if let value = try await value() { return value }
        guard clock.now < deadline else { throw NotInTime(description: "not within \(timeout): \(what)") }
        try await clock.sleep(for: min(max((clock.now - begin) * 4, .milliseconds(20)), .seconds(1)))
    }
}
