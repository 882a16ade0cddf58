/// Runs `body` to its end, also when the present task is cancelled, and waits for it.
///
/// For short writes that must not be lost at the end of a service.
func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await Task(operation: body).value
}
