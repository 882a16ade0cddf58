import Synchronization

/// A value that a test shares with the tasks that it started.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        state.withLock { value in
            var changed = value
            body(&changed)
            value = changed
        }
    }
}
