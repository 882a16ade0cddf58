import Foundation

/// A file that is sent by a peer.
struct SlskdDelivery: Sendable {
    let transfer: FakeTransfer
    let peer: SlskdPeer
    let behaviour: SlskdPeerBehaviour
    let content: SlskdContent

    /// The position at which the peer stops sending, and the failure; `nil` if it sends everything.
    var end: (bytes: Int64, failure: SlskdFailure)? {
        switch behaviour {
        case .stalls(let bytes): (bytes, .timedOut("Inactivity timeout was reached"))
        case .disappears(let bytes): (bytes, .errored("Transfer failed: Remote connection closed"))
        default: nil
        }
    }

    func changed(_ data: Data, at offset: Int64) -> Data {
        behaviour == .corrupts ? SlskdContent.damaged(data, at: offset, of: transfer.size) : data
    }
}

extension FakeSlskd {
    /// Receives a file into the incomplete folder, from the end of a partial file.
    func receive(_ delivery: SlskdDelivery) async throws {
        let file = incompleteFile(delivery.transfer)
        let path = file.path(percentEncoded: false)
        guard fixture.withLock({ $0.openFiles.insert(path).inserted }) else {
            throw SlskdFailure.errored(
                "The process cannot access the file '\(path)' because it is being used by another process.")
        }
        defer { fixture.withLock { _ = $0.openFiles.remove(path) } }
        let partial = version.resumes ? try await disk.size(of: file) : 0
        let offset = partial <= delivery.transfer.size ? partial : 0
        let handle = try await disk.open(file, appends: offset > 0)
        defer { try? handle.close() }
        change(delivery.transfer.id) {
            $0.state = .inProgress
            $0.startedAt = Date()
            $0.endedAt = nil
            $0.exception = nil
            $0.startOffset = offset
            $0.bytesTransferred = offset
        }
        if case .startsSlowly(let wait) = delivery.behaviour { try await waitInactive(for: wait) }
        try await receive(delivery, from: offset, into: handle)
        change(delivery.transfer.id) {
            $0.state = .succeeded
            $0.endedAt = Date()
        }
    }

    private func receive(_ delivery: SlskdDelivery, from start: Int64, into handle: FileHandle) async throws {
        let (size, began) = (delivery.transfer.size, ContinuousClock.now)
        var position = start
        while position < size {
            try await pause(timing.progress)
            let step = max(Int64(Double(delivery.peer.speed) * timing.progress.inSeconds), 1)
            let end = min(size, position + step, delivery.end.map { max($0.bytes, position) } ?? size)
            let offset = position
            try await disk.copy(delivery.content, from: offset, count: Int(end - offset), to: handle) {
                delivery.changed($0, at: offset)
            }
            position = end
            let seconds = (ContinuousClock.now - began).inSeconds
            change(delivery.transfer.id) {
                $0.bytesTransferred = end
                $0.averageSpeed = seconds > 0 ? Double(end - start) / seconds : 0
            }
            if let stop = delivery.end, position >= stop.bytes, position < size { try await halt(delivery) }
        }
    }

    private func halt(_ delivery: SlskdDelivery) async throws {
        if case .disappears = delivery.behaviour { fixture.withLock { _ = $0.gone.insert(delivery.peer.name) } }
        if case .stalls = delivery.behaviour { try await waitInactive(for: .seconds(1_000_000)) }
        throw delivery.end?.failure ?? .cancelled
    }

    /// Waits without any bytes. Fails after the inactivity timeout.
    private func waitInactive(for time: Duration) async throws {
        let limit = timing.inactivity ?? version.inactivity
        try await pause(min(time, limit))
        guard time < limit else {
            throw SlskdFailure.timedOut("Inactivity timeout of \(limit.milliseconds) milliseconds was reached")
        }
    }

    private func incompleteFile(_ transfer: FakeTransfer) -> URL {
        let folders = SlskdPath.folders(of: transfer.filename)
        let own =
            version.separatesPeers
            ? [SlskdPath.safe(transfer.username)] + folders
            : SlskdPath.lastFolder(of: transfer.filename).map { [$0] } ?? []
        let folder = own.reduce(disk.incomplete) { SlskdDisk.file($1, in: $0) }
        return SlskdDisk.file(SlskdPath.name(of: transfer.filename) ?? "_", in: folder)
    }

    /// Moves a complete file. A failure is recorded as exception and leaves the state unchanged.
    func finish(_ id: String) async {
        do {
            try await pauseUncancelled(timing.moving)
            let (isRunning, fault, transfer) = fixture.withLock { ($0.isRunning, $0.moveFault, $0.records[id]) }
            guard isRunning, let transfer else { return }
            if case .fails(let message) = fault { throw SlskdFailure.errored(message) }
            let target = try await disk.move(incompleteFile(transfer), to: destination(of: transfer))
            if fault == .vanishes { try await disk.remove(target) }
            addEvents(transfer, target)
        } catch {
            change(id) { $0.exception = (error as? SlskdFailure)?.message ?? "\(error)" }
        }
    }

    private func destination(of transfer: FakeTransfer) -> URL {
        let batch = transfer.batchID.flatMap { id in fixture.withLock { $0.records.batches[id] } }
        let below = batch?.destination.map(SlskdPath.sanitized) ?? SlskdPath.lastFolder(of: transfer.filename)
        return below.map { SlskdDisk.file($0, in: disk.downloads) } ?? disk.downloads
    }

    private func addEvents(_ transfer: FakeTransfer, _ file: URL) {
        let (remote, local) = (transfer.filename, file.path(percentEncoded: false))
        change(transfer.id) { $0.localFile = file }
        fixture.withLock { fixture in
            fixture.records.addEvent(
                "DownloadFileComplete",
                ["localFilename": .string(local), "remoteFilename": .string(remote), "transfer": transfer.json])
            let folder = SlskdPath.remoteFolder(of: remote)
            guard !fixture.records.isRunning(transfer.username, folder: folder) else { return }
            let directory = file.deletingLastPathComponent().path(percentEncoded: false)
            fixture.records.addEvent(
                "DownloadDirectoryComplete",
                [
                    "localDirectoryName": .string(directory), "remoteDirectoryName": .string(folder),
                    "username": .string(transfer.username),
                ])
        }
    }
}
