/// Reads the folders of paths. Paths repeat them: each directory is read once, and each folder's name, too.
struct FolderReader {
    /// What a folder, or all folders of a path, say. Shared by the offers that lie in it.
    final class Reading: Sendable {
        /// The nearest folder's name.
        let nearest: Words?
        let reading: FolderReading
        /// Some name is not in Latin letters.
        let isForeign: Bool

        init(nearest: Words?, reading: FolderReading, isForeign: Bool) {
            self.nearest = nearest
            self.reading = reading
            self.isForeign = isForeign
        }
    }

    private struct Entry {
        var name: [UInt8]
        var reading: Reading
    }

    private var entries: [Entry] = []
    /// Places in `entries`, by the hashes of the names.
    private var directories = WordTable(capacity: 512)
    private var folders = WordTable(capacity: 512)

    mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ directory: Range<Int>, recording: WantedRecording.Form,
        _ names: inout NameReader
    ) -> Reading {
        let directory = PathParser.withoutShareAlias(bytes, directory)
        let name = UnsafeBufferPointer(rebasing: bytes[directory])
        let key = ByteHash.of(name, Self.seed(recording))
        if let known = directories[key], entries[known].name.elementsEqual(name) { return entries[known].reading }
        var nearest: Words?
        var reading = FolderReading()
        var isForeign = false
        for (depth, range) in PathParser.folders(bytes, directory).enumerated() {
            let folder = folder(UnsafeBufferPointer(rebasing: bytes[range]), isNear: depth < 2, recording, &names)
            if depth == 0 { nearest = folder.nearest }
            reading.add(folder.reading)
            isForeign = isForeign || folder.isForeign
        }
        let all = Reading(nearest: nearest, reading: reading, isForeign: isForeign)
        directories.insert(key, entries.count)
        entries.append(Entry(name: Array(name), reading: all))
        return all
    }

    private mutating func folder(
        _ name: UnsafeBufferPointer<UInt8>, isNear: Bool, _ recording: WantedRecording.Form, _ names: inout NameReader
    ) -> Reading {
        let key = ByteHash.of(name, Self.seed(recording) + (isNear ? 4 : 8))
        if let known = folders[key], entries[known].name.elementsEqual(name) { return entries[known].reading }
        var words = Words()
        names.read(name, into: &words)
        let isForeign = words.letters.contains { $0 >= 0x80 }
        if !recording.isAsWritten {
            let written = words
            names.read(latin: written, into: &words)
        }
        let reading = FolderReading(words, isNear: isNear, recording: recording)
        let made = Reading(nearest: words, reading: reading, isForeign: isForeign)
        folders.insert(key, entries.count)
        entries.append(Entry(name: Array(name), reading: made))
        return made
    }

    private static func seed(_ recording: WantedRecording.Form) -> UInt64 {
        recording.isAsWritten ? 1 : recording.isLoose ? 2 : 3
    }
}
