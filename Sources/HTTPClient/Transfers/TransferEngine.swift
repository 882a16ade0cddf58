import CCurl

/// Drives all transfers of a client on its I/O thread. No other thread uses the handles of the transfers.
final class TransferEngine {
    struct Settings: Sendable {
        let multi: MultiHandle
        let inbox: TransferInbox
        let userAgent: String
        let maxTransfers: Int
    }

    private let settings: Settings
    private var multi: UnsafeMutableRawPointer { settings.multi.pointer }
    private var waiting: [TransferOrder] = []
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]

    init(_ settings: Settings) { self.settings = settings }

    func run() {
        hdm_curl_block_broken_pipe_signal()
        while true {
            let work = settings.inbox.removeWork()
            waiting += work.orders
            guard !work.isClosing else { break }
            if work.hasCancellations { failCancelled() }
            startWaiting()
            perform()
            if running.count < settings.maxTransfers, !waiting.isEmpty { continue }
            curl_multi_poll(multi, nil, 0, Self.longestSleep, nil)
        }
        closeAll()
    }

    /// In milliseconds. The timers of libcurl and ``MultiHandle/wake()`` end the sleep earlier.
    private static let longestSleep: Int32 = 60_000

    private func startWaiting() {
        let count = min(settings.maxTransfers - running.count, waiting.count)
        for order in waiting.prefix(count) { start(order) }
        waiting.removeFirst(count)
    }

    private func start(_ order: TransferOrder) {
        guard !order.cancellation.isSet else { return order.continuation.resume(returning: .failure(.cancelled)) }
        do throws(HTTPClientError) {
            let transfer = try Transfer(order, userAgent: settings.userAgent)
            guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
                throw .other(endpoint: order.endpoint.description, code: Int(CURLE_FAILED_INIT.rawValue))
            }
            running[transfer.easy] = transfer
        } catch {
            order.continuation.resume(returning: .failure(error))
        }
    }

    private func perform() {
        var count: Int32 = 0
        curl_multi_perform(multi, &count)
        while let message = curl_multi_info_read(multi, &count)?.pointee {
            guard message.msg == CURLMSG_DONE, let easy = message.easy_handle else { continue }
            finish(easy) { $0.finish(message.data.result) }
        }
    }

    private func failCancelled() {
        for (easy, transfer) in running where transfer.order.cancellation.isSet {
            finish(easy) { $0.fail(.cancelled) }
        }
        for order in waiting where order.cancellation.isSet {
            order.continuation.resume(returning: .failure(.cancelled))
        }
        waiting.removeAll { $0.cancellation.isSet }
    }

    /// Removes a transfer from libcurl and completes it. The removal is first, because the completion frees memory that
    /// libcurl could still write to.
    private func finish(_ easy: UnsafeMutableRawPointer, _ complete: (Transfer) -> Void) {
        curl_multi_remove_handle(multi, easy)
        running.removeValue(forKey: easy).map(complete)
    }

    private func closeAll() {
        for easy in running.keys { finish(easy) { $0.fail(.closed) } }
        waiting.forEach { $0.continuation.resume(returning: .failure(.closed)) }
        settings.inbox.end { curl_multi_cleanup(multi) }
    }
}
