extension TransferMachine {
    /// The state while the file is ordered.
    struct Ordering: Sendable {
        let began: ContinuousClock.Instant
        var tries = 0
        /// The error of the last try that was not a refusal because slskd was busy.
        var last: SlskdError?
        var step = Step.sending

        enum Step: Sendable {
            case sending
            /// Waits for a list that was requested after a moment.
            case listing(Reason, after: ContinuousClock.Instant)
            /// Asks slskd which of the transfers belong to the order.
            case identifying([SlskdTransfer], Reason)
        }

        /// Why slskd's list is read.
        enum Reason: Sendable {
            /// The order failed. It may have been started all the same.
            case failed(SlskdError)
            /// slskd refuses a file that it already transfers, for example because it has just resumed the transfer.
            case refused(TransferFailure)
            /// slskd has the order without a transfer and may still be connecting to the peer. A late transfer must not
            /// run beside that of the next candidate.
            case late(polls: Int, String)
        }

        func at(_ step: Step) -> State {
            var next = self
            next.step = step
            return .ordering(next)
        }
    }
}
