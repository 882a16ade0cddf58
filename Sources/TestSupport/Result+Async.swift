extension Result where Failure == any Error {
    /// Creates the result of an asynchronous call.
    public init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
