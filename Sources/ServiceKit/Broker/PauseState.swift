import Contracts
import CoreMetrics
import Files
import Foundation
import Synchronization

/// Whether the markers pause a service. One task reads them every second.
public final class PauseState: Sendable {
    /// How often the markers are read.
    static let interval: Duration = .seconds(1)

    private struct State {
        /// `nil` before the first read that succeeded.
        var markers: [PauseMarkers.Marker]?
        var observers: [Int: AsyncStream<Bool>.Continuation] = [:]
        var nextObserver = 0

        /// A service that has not read the markers yet may be paused.
        var isPaused: Bool { markers?.isEmpty != true }
    }

    private let state = Mutex(State())
    private let files: PauseMarkers
    private let service: ServiceName
    private let gauge: Gauge

    init(_ files: PauseMarkers, service: ServiceName) {
        self.files = files
        self.service = service
        gauge = Gauge(label: "hdm_consumption_paused", dimensions: [("service", service.rawValue)])
    }

    /// Whether the service must not consume.
    public var isPaused: Bool { state.withLock { $0.isPaused } }

    /// Whether `hdm topology upgrade` runs or was interrupted. No queue may be declared then, and nothing may be published
    /// through the default exchange: unlike bindings, its way to a queue cannot be changed before the queue is deleted.
    /// Also `true` until the markers were read for the first time.
    public var isUpgrading: Bool {
        state.withLock { $0.markers?.contains { $0.scope == .all && $0.command == PauseMarkers.upgrade } ?? true }
    }

    /// Whether the markers were read at least once.
    var isKnown: Bool { state.withLock { $0.markers != nil } }

    /// The present state and every later change.
    var changes: AsyncStream<Bool> {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            defer { state.nextObserver += 1 }
            state.observers[state.nextObserver] = continuation
            continuation.yield(state.isPaused)
            return state.nextObserver
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.observers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Reads the markers once. While the volume is unavailable, the last known state stays; without one, the service is
    /// paused. HDM's folder may be missing only in a downloads folder that was never used: no marker is there either.
    public func refresh() async {
        let isNew = !isKnown
        let found = try? await BlockingPool.markers.run(within: .seconds(5)) { [files] in
            try files.markers() ?? (isNew && files.hasVolume ? [] : nil)
        }
        let own = (found ?? nil)?.filter { $0.scope == .all || $0.scope == .service(service) }
        let isPaused = state.withLock { state in
            let before = state.isPaused
            state.markers = own ?? state.markers
            if state.isPaused != before { for observer in state.observers.values { observer.yield(!before) } }
            return state.isPaused
        }
        gauge.record(isPaused ? 1 : 0)
    }

    /// Reads the markers every second until the task is cancelled. A read that hangs is given up after five seconds.
    func watch() async {
        repeat { await refresh() } while (try? await Task.sleep(for: Self.interval)) != nil
    }

    /// The entry in `GET /ready`: a pause is a remark and no failure.
    var check: CheckResult {
        guard let markers = state.withLock({ $0.markers }) else {
            return .noted("paused until the markers in the downloads folder can be read")
        }
        guard !markers.isEmpty else { return .ok }
        let texts = markers.map { "paused by \($0.by)\($0.at.map { " since \($0)" } ?? "")" }
        return .noted(texts.joined(separator: "; "))
    }
}
