/// A command from a caller to the connection's thread.
enum Command: Sendable {
    case publish(PendingPublish)
    case settle(DeliveryReceipt, Settlement)
    case call(PendingCall)
    case close(CheckedContinuation<Void, Never>)

    /// Completes the command without executing it. A dropped settlement needs no completion, because the broker
    /// delivers the message again.
    func fail(_ error: AMQPError) {
        switch self {
        case .publish(let publish): publish.finish(.failure(error))
        case .settle: break
        case .call(let call): call.fail(error)
        case .close(let continuation): continuation.resume()
        }
    }
}
