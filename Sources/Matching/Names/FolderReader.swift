/// Reads the folders of paths. Each directory and each folder name is read once, because paths repeat them.
struct FolderReader {
    /// The reading of a folder, or of all folders of a path. The offers in it share the reading.
    final class Reading: Sendable {
        /// The name of the innermost folder.
        let nearest: Words?
        let reading: FolderReading
        /// Whether a name has letters that are not Latin.
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
    /// Indices in `entries`, by the hashes of the names.
    private var directories = WordTable(capacity: 512)
    private var folders = WordTable(capacity: 512)

    mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ directory: Range<Int>, recording: WantedNames,
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
        _ name: UnsafeBufferPointer<UInt8>, isNear: Bool, _ recording: WantedNames, _ names: inout NameReader
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

    private static func seed(_ recording: WantedNames) -> UInt64 {
        recording.isAsWritten ? 1 : recording.isLoose ? 2 : 3
    }
}
