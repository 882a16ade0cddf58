// Healing: the connection declares again what another client deleted.
//
// It heals by itself when the broker refuses or cancels the consumer of a declared queue, when a message is returned
// that goes to a declared exchange or queue, and after every reconnection.
extension AMQPConnection {
    /// Checks whether the declared exchanges and queues exist, and declares what is missing, and all bindings.
    /// - Returns: The labels of the exchanges and queues that were missing; empty while healing is suspended.
    /// - Throws: ``AMQPError``, such as `.preconditionFailed` if a declaration exists with other arguments. The others
    ///   are declared in this case, and ``healed`` contains those that were missing.
    public func heal() async throws(AMQPError) -> [String] {
        try await call { driver throws(AMQPError) in try driver.heal() }
    }

    /// The labels of exchanges and queues that were missing and that this connection declared again, for each healing.
    /// The sequence ends when the connection is closed.
    public var healed: AsyncStream<[String]> { healedBroadcaster.changes() }

    /// Stops healing until ``resumeHealing()``, for a process that deletes queues on purpose. Also after a reconnection
    /// nothing is declared again. The healing that is in progress ends first.
    public func suspendHealing() async { await setHealingSuspended(true) }

    /// Allows healing again. What is missing is declared at the next occasion, or by ``heal()``.
    public func resumeHealing() async { await setHealingSuspended(false) }

    private func setHealingSuspended(_ isSuspended: Bool) async {
        // Fails only after the close, when nothing is healed any more.
        try? await call(needsConnection: false) { driver throws(AMQPError) in
            driver.setHealingSuspended(isSuspended)
        }
    }
}
